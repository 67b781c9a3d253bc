// SPDX-License-Identifier: Apache-2.0
import type { KeylessSigner, TextTest } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { signerFinding } from './lint-signer-finding.ts';

/** A repeated dot at the start or at the end, in groups or not. */
const OPEN_END = /^(?:\(\?[a-zA-Z]+\))?\^?(?:\((?:\?:)?)*\.[*+]|(?<!\\)\.[*+]\??\)*\$?$/;
/** A repeated dot between the scheme and the first slash. */
const OPEN_HOST = /:\\?\/\\?\/[^/]*?(?<!\\)\.[*+]/;

/** Regular expressions match whole texts here: who writes `.*` around one is used to searching. */
export function lintOpenEnds(signer: KeylessSigner): FindingAt[] {
  const tests: readonly (readonly [keys: readonly string[], test: TextTest])[] = [
    [['issuerRegexp'], signer.issuer],
    [['subjectRegexp'], signer.subject],
    ...signer.claims.map((claim) => [['claimsRegexp', claim.name], claim] as const),
  ];
  return tests.flatMap(([keys, { text, regexp }]) => {
    if (!regexp) return [];
    const at = (message: string) =>
      signerFinding('warning', signer, ['keyless', ...keys.slice(0, 1)], message);
    const what = `signer ${signer.name}: ${keys.join('.')}`;
    if (OPEN_END.test(text))
      return [at(`${what} is open at an end (${text}), so whatever stands there matches`)];
    return OPEN_HOST.test(text)
      ? [
          at(
            `${what} is open in its host (${text}): a dot stands for slashes too, so the host may be another`,
          ),
        ]
      : [];
  });
}

// SPDX-License-Identifier: Apache-2.0
import type { KeylessSigner } from '../../src/policy/index.ts';
import type { TestSigstore } from '../../src/testing/index.ts';
import { parseTrustRoot, type TrustRoots } from '../../src/verify/index.ts';

/** A signer known by exactly this issuer and subject, with what is demanded by default. */
export function keylessSigner(
  issuer: string,
  subject: string,
  options: Partial<KeylessSigner> = {},
): KeylessSigner {
  return {
    kind: 'keyless',
    name: 'release',
    issuer: { text: issuer, matches: (value) => value === issuer },
    subject: {
      text: subject,
      matches: (value) => value === subject,
      kinds: ['uri', 'email', 'otherName', 'dns'],
    },
    claims: [],
    annotations: {},
    trustRoot: 'default',
    demands: { logEntries: 1, timestamps: 0, scts: 1, unsafeNoTime: false },
    ...options,
  };
}

/** Trust in a Sigstore in memory, under the name that signers have by default. */
export function trustIn(sigstore: TestSigstore): TrustRoots {
  const root = parseTrustRoot('default', sigstore.trustedRoot());
  return { fingerprint: root.fingerprint, roots: new Map([['default', root]]) };
}

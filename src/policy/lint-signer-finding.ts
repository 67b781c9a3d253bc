// SPDX-License-Identifier: Apache-2.0
import type { KeylessSigner } from './compiled-policy.ts';
import type { FindingAt, FindingLevel } from './finding.ts';
import { formatPath } from './issue.ts';

/** A finding of a signer, at one of its keys; the signer itself where `keys` is empty. */
export function signerFinding(
  level: FindingLevel,
  signer: KeylessSigner,
  keys: readonly string[],
  message: string,
): FindingAt {
  return { level, path: formatPath(['signers', signer.name, ...keys]), message };
}

// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';
import { quote } from '../../../image/quote.ts';
import { LIMITS } from '../../../limits.ts';
import type { TrustedLog } from '../../trust-root.ts';
import type { InclusionProof } from '../log-entry.ts';
import type { Checkpoint } from './checkpoint.ts';
import { isSignedByLog, namesOf } from './log-key.ts';
import { invalidEntry } from './refusal.ts';

/** Whether the checkpoint is one of Rekor v1: its origin is `HOST - TREE`, with the number of the tree. */
export function isV1Checkpoint({ origin }: Checkpoint): boolean {
  return v1Host(origin) !== undefined;
}

function v1Host(origin: string): string | undefined {
  const at = origin.lastIndexOf(' - ');
  return at > 0 && /^[0-9]+$/.test(origin.slice(at + 3)) ? origin.slice(0, at) : undefined;
}

/**
 * Demands that the checkpoint is of the tree that the proof was made in, and that the log signed it, by the rules
 * of the version of Rekor that its origin shows (cosign formats §5.4, §7.2).
 *
 * @throws VerificationError LOG_ENTRY_INVALID, LIMIT_EXCEEDED
 */
export function demandCheckpoint(checkpoint: Checkpoint, proof: InclusionProof, log: TrustedLog): void {
  if (checkpoint.size !== String(proof.treeSize)) {
    throw invalidEntry(`its checkpoint is of ${checkpoint.size} entries, its proof of ${proof.treeSize}`);
  }
  if (!Buffer.from(checkpoint.rootHash).equals(proof.rootHash)) {
    throw invalidEntry('its checkpoint has another root hash than its proof');
  }
  if (isV1Checkpoint(checkpoint)) demandEverySignature(checkpoint, log);
  else demandOwnSignature(checkpoint, log);
}

/**
 * Rekor v1 has no witnesses: a signature of another key does not belong there, or under another name than the host in the
 * origin. Ends at the first bad one.
 */
function demandEverySignature({ origin, text, signatures }: Checkpoint, log: TrustedLog): void {
  const { keyHint } = namesOf(log);
  boundTries(signatures);
  const host = v1Host(origin);
  const isGood = signatures.every(
    ({ name, hint, signature }) => name === host && hint === keyHint && isSignedByLog(log, text, signature),
  );
  if (signatures.length === 0 || !isGood) {
    throw invalidEntry('its checkpoint is not signed by the log alone');
  }
}

/** Others may have signed as well, witnesses for one, and the log more than once: one that holds is enough. */
function demandOwnSignature({ origin, text, signatures }: Checkpoint, log: TrustedLog): void {
  const { host, noteHint } = namesOf(log);
  if (host === '' || origin !== host) {
    throw invalidEntry(`its checkpoint is of ${quote(origin)}, wanted the log ${quote(host)}`);
  }
  const own = signatures.filter(({ name, hint }) => name === origin && hint === noteHint);
  boundTries(own);
  if (own.some(({ signature }) => isSignedByLog(log, text, signature))) return;
  throw invalidEntry(`its checkpoint is not signed by the log ${quote(host)}`);
}

/** Each costs a verification, and anybody can write the good one down again and again. */
function boundTries({ length }: readonly unknown[]): void {
  if (length <= LIMITS.checkpointOwnSignatures) return;
  throw new VerificationError(
    'LIMIT_EXCEEDED',
    `a checkpoint has ${length} signatures of its log; at most ${LIMITS.checkpointOwnSignatures} are tried`,
  );
}

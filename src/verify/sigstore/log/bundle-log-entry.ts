// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';
import type { BundleLogEntry } from '../bundle-schema.ts';
import type { InclusionProof, LogEntry } from '../log-entry.ts';
import { toHex } from './text-forms.ts';

/**
 * An entry as a bundle has it, in the form that all entries are verified in. What a bundle leaves out has the
 * zero value of its type (protobuf.dev, "ProtoJSON Format"); an empty promise is none.
 *
 * @throws VerificationError BUNDLE_MALFORMED where it does not name its log or has no body
 */
export function toLogEntry(entry: BundleLogEntry): LogEntry {
  const { logId, logIndex = 0n, kindVersion, integratedTime = 0n } = entry;
  const { inclusionPromise, inclusionProof, canonicalizedBody: body } = entry;
  if (!logId?.keyId?.length) throw malformed('does not name its log');
  if (!body?.length) throw malformed('has no body');
  const promise = inclusionPromise?.signedEntryTimestamp;
  return {
    logId: toHex(logId.keyId),
    logIndex,
    body,
    ...(kindVersion && { kindVersion: { kind: '', version: '', ...kindVersion } }),
    ...(integratedTime === 0n ? {} : { integratedTime }),
    ...(promise?.length ? { promise } : {}),
    ...(inclusionProof && { proof: toProof(inclusionProof) }),
  };
}

function toProof(proof: NonNullable<BundleLogEntry['inclusionProof']>): InclusionProof {
  const { logIndex = 0n, treeSize = 0n, rootHash = new Uint8Array(), hashes = [], checkpoint } = proof;
  return { logIndex, treeSize, rootHash, hashes, checkpoint: checkpoint?.envelope ?? '' };
}

function malformed(why: string): VerificationError {
  return new VerificationError('BUNDLE_MALFORMED', `the bundle cannot be used: a log entry ${why}`);
}

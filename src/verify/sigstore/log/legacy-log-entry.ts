// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';
import { LIMITS } from '../../../limits.ts';
import { parseBase64 } from '../../base64.ts';
import { parseJson } from '../../json.ts';
import type { LogEntry } from '../log-entry.ts';
import { at } from './body.ts';
import { invalidEntry } from './refusal.ts';

/** Base64 is a third longer than the body; promise, numbers and names need less than this. */
const LONGEST = Math.ceil(LIMITS.logBodyBytes / 3) * 4 + 4096;

/**
 * The entry in the annotation `dev.sigstore.cosign/bundle` beside a legacy signature (cosign formats §5.1): a promise,
 * and what it is over. Fields with other names are left alone, as cosign does.
 *
 * Attacker input.
 *
 * @throws VerificationError LOG_ENTRY_INVALID, LIMIT_EXCEEDED
 */
export function parseLegacyLogEntry(annotation: string): LogEntry {
  if (annotation.length > LONGEST) {
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `the bundle annotation has ${annotation.length} characters; at most ${LONGEST} are read`,
    );
  }
  const json = parseJson(Buffer.from(annotation), 'LOG_ENTRY_INVALID', 'bundle annotation');
  const logId = at(json, 'Payload', 'logID');
  if (typeof logId !== 'string' || !/^[0-9a-f]{64}$/.test(logId)) {
    throw invalidEntry('its logID is not 64 lower-case hex digits');
  }
  return {
    logId,
    logIndex: readInteger(at(json, 'Payload', 'logIndex'), 'logIndex'),
    integratedTime: readInteger(at(json, 'Payload', 'integratedTime'), 'integratedTime'),
    promise: readBytes(at(json, 'SignedEntryTimestamp'), 'SignedEntryTimestamp'),
    body: readBytes(at(json, 'Payload', 'body'), 'body'),
  };
}

function readInteger(value: unknown, name: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw invalidEntry(`its ${name} is not a whole number`);
}

function readBytes(value: unknown, name: string): Uint8Array {
  const bytes = typeof value === 'string' ? parseBase64(value) : undefined;
  if (bytes?.length) return bytes;
  throw invalidEntry(`its ${name} is not bytes in standard base64 with padding`);
}

// SPDX-License-Identifier: Apache-2.0
import type { TrustedLog } from '../../trust-root.ts';
import type { LogEntry } from '../log-entry.ts';
import { isSignedByLog } from './log-key.ts';
import { invalidEntry } from './refusal.ts';
import { safeInteger } from './safe-integer.ts';
import { toBase64 } from './text-forms.ts';

/**
 * Demands that the log signed the promise (SET) for exactly this body, time, id and index (cosign formats §5.1).
 *
 * @throws VerificationError LOG_ENTRY_INVALID
 */
export function demandPromise(entry: LogEntry, promise: Uint8Array, log: TrustedLog): void {
  if (isSignedByLog(log, promisedBytes(entry), promise)) return;
  throw invalidEntry('its promise is not signed by the log for this body, time and index');
}

/**
 * The RFC 8785 form of what a promise is over. Names in their order, the body as base64; neither base64 nor hex nor
 * a safe integer has anything to escape, so that no general encoder is needed.
 */
function promisedBytes({ body, integratedTime = 0n, logId, logIndex }: LogEntry): Uint8Array {
  const numbers = [safeInteger(integratedTime), safeInteger(logIndex)];
  if (numbers.includes(undefined)) throw invalidEntry('its time or index is not one that a log gives');
  const base64 = toBase64(body);
  return Buffer.from(
    `{"body":"${base64}","integratedTime":${integratedTime},"logID":"${logId}","logIndex":${logIndex}}`,
    'latin1',
  );
}

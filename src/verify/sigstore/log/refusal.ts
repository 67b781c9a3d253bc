// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';

/** LOG_ENTRY_INVALID: the entry does not show that the log has it. */
export function invalidEntry(why: string): VerificationError {
  return new VerificationError('LOG_ENTRY_INVALID', `the log entry cannot be believed: ${why}`);
}

/** LOG_ENTRY_MISMATCH: the log may have the entry, but it is about something else. */
export function mismatchedEntry(why: string): VerificationError {
  return new VerificationError('LOG_ENTRY_MISMATCH', `the log entry is not about this signature: ${why}`);
}

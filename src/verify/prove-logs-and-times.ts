// SPDX-License-Identifier: Apache-2.0
import { type CountersignError, VerificationError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import type { Demands } from '../policy/index.ts';
import type { Material } from './material.ts';
import { verifyLogEntry } from './sigstore/log/verify-log-entry.ts';
import type { Verifier } from './sigstore/logged-content.ts';
import { verifyTimestamps } from './sigstore/timestamp/verify-timestamps.ts';
import { timeText } from './time-text.ts';
import type { TrustRoot, ValidityWindow } from './trust-root.ts';

/** By how many the signature was seen, and when, in ms since the epoch. */
type Proof = { readonly count: number; readonly times: readonly number[] };

/**
 * What log entries prove; and of those that say no time, when the keys of their logs are trusted. `stranger`: the id of a log that
 * the trust root does not have, where an entry names one.
 */
export type LogProof = Proof & { readonly windows: readonly ValidityWindow[]; readonly stranger?: string };

/** What no log entry proves. */
export const NO_LOG_PROOF: LogProof = { count: 0, times: [], windows: [] };

/** What timestamps prove; why not, of one that does not hold. `nobody`: the trust root has no authority that could. */
export type TimestampProof = Proof & { readonly problem?: CountersignError; readonly nobody?: true };

/** What no timestamp proves. */
export const NO_TIMESTAMP_PROOF: TimestampProof = { count: 0, times: [] };

/**
 * Verifies every log entry of the logs that the trust root knows; others are nobody's word and not counted. Several
 * entries of one log are one.
 *
 * @throws VerificationError of the first entry of a known log that does not hold: a forged one is no accident
 */
export function proveLogEntries(material: Material, verifier: Verifier, trust: TrustRoot): LogProof {
  const content = { ...material.logged, verifier };
  const entries = material.logEntries();
  const verified = entries.flatMap((entry) => verifyLogEntry(entry, content, trust.logs) ?? []);
  const stranger = entries.find(({ logId }) => trust.logs.every(({ id }) => id !== logId))?.logId;
  const times = verified.flatMap(({ time }) => (time === undefined ? [] : [time]));
  const windows = verified.flatMap(({ time, window }) => (time === undefined ? [window] : []));
  const count = new Set(verified.map(({ logId }) => logId)).size;
  return { count, times, windows, ...(stranger === undefined ? {} : { stranger }) };
}

/**
 * Verifies every timestamp; what does not hold is not counted. A trust root without timestamp authorities says nothing of
 * any.
 */
export function proveTimestamps(material: Material, trust: TrustRoot): TimestampProof {
  if (trust.timestampAuthorities.length === 0) return { ...NO_TIMESTAMP_PROOF, nobody: true };
  const { verified, authorities, problem } = verifyTimestamps(
    material.timestamps(),
    material.stamped,
    trust.timestampAuthorities,
  );
  const times = verified.map(({ time }) => time);
  return { count: authorities, times, ...(problem && { problem }) };
}

/**
 * Demands as many logs as the signer does.
 *
 * @throws VerificationError LOG_ENTRY_MISSING
 */
export function demandLogs({ logEntries }: Demands, { count, stranger }: LogProof, name: string): void {
  if (count >= logEntries) return;
  const wanted = logEntries === 1 ? 'a transparency log' : `${logEntries} transparency logs`;
  const other = stranger === undefined ? '' : `, and one of the log ${quote(stranger)}, which is not in it`;
  throw new VerificationError(
    'LOG_ENTRY_MISSING',
    `${name} demands an entry in ${wanted} of the trust root; found ${count}${other}`,
  );
}

/**
 * Demands that an entry that says no time is of a log whose key was trusted at each time that is proved otherwise.
 *
 * @throws VerificationError LOG_ENTRY_INVALID
 */
export function demandLogWindows({ windows }: LogProof, times: readonly number[]): void {
  const outside = times.find((time) => windows.some(({ from, until }) => time < from || time > until));
  if (outside === undefined) return;
  throw new VerificationError(
    'LOG_ENTRY_INVALID',
    `the key of the log was not trusted at ${timeText(outside)}, when it was signed`,
  );
}

/**
 * Demands as many timestamps as the signer does.
 *
 * @throws VerificationError TIMESTAMP_MISSING, or what is wrong with a timestamp that is there
 */
export function demandTimestamps(
  { timestamps }: Demands,
  { count, problem, nobody }: TimestampProof,
  name: string,
): void {
  if (count >= timestamps) return;
  throw (
    problem ??
    new VerificationError(
      'TIMESTAMP_MISSING',
      `${name} demands ${timestamps === 1 ? 'a timestamp' : `${timestamps} timestamps`} by an authority of the trust root; ${nobody ? 'the trust root has no timestamp authority' : `found ${count}`}`,
    )
  );
}

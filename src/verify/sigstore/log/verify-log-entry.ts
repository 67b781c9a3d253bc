// SPDX-License-Identifier: Apache-2.0

import { timeText } from '../../time-text.ts';
import type { TrustedLog, ValidityWindow } from '../../trust-root.ts';
import type { InclusionProof, LogEntry } from '../log-entry.ts';
import type { LoggedContent } from '../logged-content.ts';
import { type LogBody, parseBody } from './body.ts';
import { demandBodyV1, isBodyV1 } from './body-v1.ts';
import { demandBodyV2 } from './body-v2.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { demandCheckpoint, isV1Checkpoint } from './checkpoint-signatures.ts';
import { hasNoteId } from './log-key.ts';
import { demandInclusion } from './merkle.ts';
import { demandPromise } from './promise.ts';
import { invalidEntry } from './refusal.ts';

/** An entry that a trusted log has, about the signature that was asked for. */
export type VerifiedEntry = {
  /** Lower-case hex. */
  readonly logId: string;
  /** As the entry says. Proven by a promise and in Rekor v2; a proof of Rekor v1 is for the index within one tree. */
  readonly logIndex: bigint;
  /** When the log took the entry, in milliseconds since the epoch. Only a promise says it: a proof is of any time. */
  readonly time?: number;
  /** When the key of the log is trusted. Where there is no `time`, one that is proven otherwise must lie in it. */
  readonly window: ValidityWindow;
};

/**
 * Verifies that one of the logs has the entry, and that the entry is about this signature, by this certificate or key,
 * over this content; `undefined` for an entry of a log that is not among them, which shows nothing (cosign formats
 * §11.5, 2).
 *
 * By which version of Rekor a checkpoint is judged goes by its origin, which the log has signed; the body goes by its own
 * kind: a log with checkpoints like those of v2 may have entries of v1, unless its id is one of v2 too (cosign formats §7.2,
 * §5.2). Without a proof all rules are those of v1. All that an entry brings must hold: a good proof does not make up for a bad promise.
 *
 * Attacker input.
 *
 * @throws VerificationError LOG_ENTRY_INVALID, LOG_ENTRY_MISMATCH, LIMIT_EXCEEDED
 */
export function verifyLogEntry(
  entry: LogEntry,
  content: LoggedContent,
  logs: readonly TrustedLog[],
): VerifiedEntry | undefined {
  const own = logs.filter(({ id }) => id === entry.logId);
  const [first] = own;
  if (first === undefined) return undefined;
  const { proof } = entry;
  const checkpoint = proof && parseCheckpoint(proof.checkpoint);
  const body = parseBody(entry);
  if (proof !== undefined && checkpoint !== undefined && !isV1Checkpoint(checkpoint)) {
    return verifyV2(entry, body, content, first, proof, checkpoint);
  }
  return verifyV1(entry, body, content, own, checkpoint);
}

/** The last second of the year 9999: RFC 3339 has no time after it. */
const LATEST_TIME = 253_402_300_799n;

function verifyV1(
  entry: LogEntry,
  read: LogBody,
  content: LoggedContent,
  logs: readonly TrustedLog[],
  checkpoint: Checkpoint | undefined,
): VerifiedEntry {
  const { body, promise, proof, integratedTime = 0n, logId, logIndex } = entry;
  if (promise === undefined && proof === undefined) throw invalidEntry('it has neither promise nor proof');
  if (integratedTime < 0n || integratedTime > LATEST_TIME) {
    throw invalidEntry(`its time, ${integratedTime} s since the epoch, is in no calendar`);
  }
  const time = integratedTime === 0n ? undefined : Number(integratedTime) * 1000;
  const log = logAt(logs, time);
  demandBodyV1(read, content);
  if (proof !== undefined) demandInclusion(body, proof);
  if (promise !== undefined) demandPromise(entry, promise, log);
  if (proof !== undefined && checkpoint !== undefined) demandCheckpoint(checkpoint, proof, log);
  const isProven = promise !== undefined && time !== undefined;
  return { logId, logIndex, window: log.window, ...(isProven ? { time } : {}) };
}

/** Where the entry says no time, there is nothing to compare yet. */
function logAt(logs: readonly TrustedLog[], time: number | undefined): TrustedLog {
  const log = logs.find(({ window }) => time === undefined || (window.from <= time && time <= window.until));
  if (log !== undefined) return log;
  const when = time === undefined ? '' : `at ${timeText(time)}, `;
  throw invalidEntry(`the log took it ${when}when its key was not trusted`);
}

/**
 * Rekor v2 makes no promises and says no time; an index is the same in entry and proof, since nothing is sharded. So it is of
 * every log with such checkpoints; where its id does not show that it is one of v2, a body of v1 is compared by its own rules.
 */
function verifyV2(
  entry: LogEntry,
  read: LogBody,
  content: LoggedContent,
  log: TrustedLog,
  proof: InclusionProof,
  checkpoint: Checkpoint,
): VerifiedEntry {
  const { body, promise, logId, logIndex } = entry;
  if (promise !== undefined) throw invalidEntry('it has a promise, which Rekor v2 does not make');
  if (logIndex !== proof.logIndex) {
    throw invalidEntry(`its index is ${logIndex}, its proof is for ${proof.logIndex}`);
  }
  if (isBodyV1(read) && !hasNoteId(log)) demandBodyV1(read, content);
  else demandBodyV2(read, body, content);
  demandInclusion(body, proof);
  demandCheckpoint(checkpoint, proof, log);
  return { logId, logIndex, window: log.window };
}

// SPDX-License-Identifier: Apache-2.0
import { createHash, randomBytes } from 'node:crypto';
import { signWith, type TestKey } from '../keys.ts';
import { checkpointNote, noteLine } from './checkpoint.ts';
import type { SignedContent } from './content.ts';
import type { SigstoreDefect } from './defects.ts';
import { type EntryKind, type LoggableContent, type LoggableVerifier, makeEntryBody } from './entry-body.ts';
import { type AppendOptions, createTestLog, type TestLog, type TestLogEntry } from './transparency-log.ts';
import type { World } from './world.ts';

/** A signature that is to be logged. */
export type LogRequest = {
  readonly log: 'v1' | 'v2';
  /** Default: what clients log of such content today. */
  readonly kind?: EntryKind;
  readonly content: SignedContent;
  readonly verifier: LoggableVerifier & { readonly key: TestKey };
  /** Another verifier of the same key and another signature whole, for the entries of others. */
  readonly otherCertificate: () => Buffer;
  readonly other: () => { readonly content: SignedContent; readonly verifier: LoggableVerifier };
  readonly options: AppendOptions;
};

/** Logs a signature, and gives the entry as the bundle shall have it: none or two of them where that is ordered. */
export function logSignature(
  world: World,
  request: LogRequest,
  has: (defect: SigstoreDefect) => boolean,
): readonly TestLogEntry[] {
  if (has('noEntry')) return [];
  const log = logOf(world, request.log, has);
  const { content, verifier } = has('swappedEntry') ? request.other() : request;
  const kind = request.kind ?? defaultKind(request.log, content);
  const body = makeEntryBody(
    kind,
    spoilContent(content, request, has),
    has('entryForOtherCertificate') ? { ...verifier, certificate: request.otherCertificate() } : verifier,
  );
  const entry = spoilEntry(log.append(kind, body, request.options), log, request.options, has);
  return has('entryTwice') ? [entry, entry] : [entry];
}

function logOf(world: World, version: 'v1' | 'v2', has: (defect: SigstoreDefect) => boolean): TestLog {
  if (has('foreignLog')) return world.stranger().logs[version];
  const log = world.logs[version];
  if (!has('forgedLog')) return log;
  return createTestLog({ version, host: log.host, keyKind: log.key.kind, claimedId: log.id });
}

function defaultKind(version: 'v1' | 'v2', { envelope }: LoggableContent): EntryKind {
  if (version === 'v2') return 'hashedrekord 0.0.2';
  return envelope ? 'dsse 0.0.1' : 'hashedrekord 0.0.1';
}

function spoilContent(
  content: LoggableContent,
  { verifier }: LogRequest,
  has: (defect: SigstoreDefect) => boolean,
): LoggableContent {
  const other = randomBytes(32);
  const { hash, envelope } = content;
  if (has('entryForOtherSignature'))
    return { ...content, signature: signWith(verifier.key, other, { hash }) };
  if (!has('entryForOtherDigest')) return content;
  const digest = createHash(hash).update(other).digest();
  return { ...content, digest, ...(envelope && { envelope: { ...envelope, payload: other, json: other } }) };
}

function spoilEntry(
  entry: TestLogEntry,
  log: TestLog,
  options: AppendOptions,
  has: (defect: SigstoreDefect) => boolean,
): TestLogEntry {
  const { promise, integratedTime = 0 } = entry;
  return {
    ...entry,
    proof: has('noProof') ? undefined : spoilProof(entry, log, options, has),
    promise: has('noPromise') ? undefined : has('badPromise') ? flip(promise) : promise,
    ...(has('wrongIntegratedTime') && { integratedTime: integratedTime + 60 }),
    ...(has('wrongLogIndex') && { logIndex: entry.logIndex + 1n }),
    ...(has('wrongKindVersion') && { kind: otherKind(entry.kind) }),
  };
}

function spoilProof(
  { proof }: TestLogEntry,
  log: TestLog,
  options: AppendOptions,
  has: (defect: SigstoreDefect) => boolean,
): TestLogEntry['proof'] {
  if (!proof) return proof;
  const { treeSize, rootHash, hashes } = proof;
  const note = (origin: string) => checkpointNote({ origin, size: treeSize, root: rootHash });
  if (has('proofOfOtherEntry')) {
    const tree = { index: proof.logIndex, size: treeSize };
    return log.append('rekord 0.0.1', randomBytes(32), { ...options, tree }).proof;
  }
  if (has('proofRootMismatch')) return { ...proof, rootHash: randomBytes(32) };
  if (has('badProof')) {
    return { ...proof, hashes: hashes.map((hash, at) => (at === 0 ? randomBytes(32) : hash)) };
  }
  if (has('checkpointOfOtherTree')) {
    return { ...proof, checkpoint: log.checkpoint({ size: treeSize, root: randomBytes(32) }, options) };
  }
  if (has('checkpointOfOtherOrigin'))
    return { ...proof, checkpoint: signedNote(log, note(log.origin.replace(log.host, 'other.test'))) };
  if (!has('badCheckpointSignature')) return proof;
  return { ...proof, checkpoint: signedNote(log, note(log.origin), randomBytes(32)) };
}

/** A note with one line of the log, whose signature may be over other bytes. */
function signedNote(log: TestLog, note: string, instead?: Buffer): string {
  const signature = signWith(log.key, instead ?? Buffer.from(note));
  return `${note}\n${noteLine({ name: log.host, hint: log.id.subarray(0, 4) }, signature)}`;
}

function otherKind(kind: EntryKind): EntryKind {
  return kind.startsWith('hashedrekord') ? 'dsse 0.0.1' : 'hashedrekord 0.0.1';
}

/** The same bytes but for the last, so that a DER signature stays one. */
export function flip(bytes: Buffer | undefined): Buffer {
  const flipped = Buffer.from(bytes ?? []);
  flipped.writeUInt8((flipped.at(-1) ?? 0) ^ 1, flipped.length - 1);
  return flipped;
}

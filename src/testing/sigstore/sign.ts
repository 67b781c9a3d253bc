// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { createTestKey, type TestKey } from '../keys.ts';
import { type SignContentOptions, type SignedContent, signContent, type TestContent } from './content.ts';
import { checkDefects, type SigstoreDefect } from './defects.ts';
import { logSignature } from './entries.ts';
import type { KeylessOptions, Signed } from './sign-options.ts';
import { another, otherSignature, signerOf, verifierOf } from './signer.ts';
import { stampSignature } from './stamps.ts';
import type { TestLogEntry } from './transparency-log.ts';
import type { World } from './world.ts';

const HOUR = 3_600_000;

type Format = SignContentOptions & {
  readonly legacy?: boolean;
  /** What timestamps are over. Default `signature`. */
  readonly stamped?: 'signature' | 'envelope';
};

/** One signature in the making. */
type Job = {
  readonly world: World;
  readonly content: TestContent;
  readonly options: KeylessOptions;
  readonly format: Format;
  readonly has: (defect: SigstoreDefect) => boolean;
  /** Milliseconds. */
  readonly time: number;
};

/** Signs the content, gets a certificate for it, logs and stamps it. */
export function sign(
  world: World,
  content: TestContent,
  options: KeylessOptions,
  format: Format = {},
): Signed {
  const { defects = [], hash, time = world.now() } = options;
  const scope = scopeOf(world, options, format);
  checkDefects(defects, scope);
  const has = (defect: SigstoreDefect) => defects.includes(defect);
  const job = { world, content, options, format: { ...format, ...(hash && { hash }) }, has, time };
  const signer = signerOf(world, options, time);
  const signed = makeSignature(signer.key, job);
  const { alsoLog: also = [], entry: _, ...usual } = options;
  const honest = { ...job, options: usual, has: () => false };
  const entries = [
    ...(scope.log === 'none' ? [] : enter(job, scope.log, signer, signed)),
    ...also.flatMap((log) => enter(honest, log, signer, signed)),
  ];
  const timestamps = stamp(job, scope.timestamps, signed);
  return { content: has('tamperedContent') ? tamper(signed) : signed, ...signer, entries, timestamps };
}

function makeSignature(key: TestKey, { content, format, has }: Job): SignedContent {
  const signer = has('otherKey') ? createTestKey(key.kind) : key;
  const instead = has('badSignature') && { instead: randomBytes(64) };
  return signContent(signer, content, { ...format, ...instead });
}

function enter(
  { world, content, options, format, has, time }: Job,
  log: 'v1' | 'v2',
  signer: Pick<Signed, 'key' | 'leaf'>,
  signed: SignedContent,
): readonly TestLogEntry[] {
  const { entry, tree, checkpoint } = options;
  const request = {
    log,
    ...(entry && { kind: entry }),
    content: signed,
    verifier: verifierOf(signer),
    otherCertificate: () => another(world, options, time, signer.key).certificate,
    other: () => otherSignature(world, content, options, time, format),
    options: { ...checkpoint, ...(tree && { tree }), time: has('lateEntry') ? time + HOUR : time },
  };
  return logSignature(world, request, has);
}

function stamp({ world, options, format, has, time }: Job, count: number, signed: SignedContent) {
  const { signature, envelope } = signed;
  const stamped = format.stamped === 'envelope' && envelope ? envelope.json : signature;
  const at = options.timestamp?.time ?? time;
  const order = { count, time: has('lateTimestamp') ? at + HOUR : at, options: options.timestamp };
  return stampSignature(world, stamped, order, has);
}

function scopeOf(world: World, options: KeylessOptions, { legacy = false }: Format) {
  const keyless = options.identity !== undefined;
  const log = options.log ?? (keyless ? (legacy ? 'v1' : world.rekor) : 'none');
  if (legacy && log === 'v2')
    throw new Error('the annotations of a legacy signature hold no entry of Rekor v2');
  return {
    keyless,
    legacy,
    log,
    timestamps: options.timestamps ?? (keyless && log !== 'v1' ? 1 : 0),
  } as const;
}

/** The payload with a blank behind it; of a message, the digest of another one. */
function tamper(signed: SignedContent): SignedContent {
  const { dsseEnvelope, messageSignature } = signed.bundle;
  if (dsseEnvelope) {
    const payload = Buffer.concat([Buffer.from(dsseEnvelope.payload, 'base64'), Buffer.from(' ')]);
    return { ...signed, bundle: { dsseEnvelope: { ...dsseEnvelope, payload: payload.toString('base64') } } };
  }
  if (!messageSignature) return signed;
  const digest = randomBytes(signed.digest.length).toString('base64');
  const messageDigest = { ...messageSignature.messageDigest, digest };
  return { ...signed, bundle: { messageSignature: { ...messageSignature, messageDigest } } };
}

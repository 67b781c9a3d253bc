// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { createTestKey, type TestKey } from '../keys.ts';
import type { CheckpointOptions } from './checkpoint.ts';
import { type SignContentOptions, type SignedContent, signContent, type TestContent } from './content.ts';
import { checkDefects, type SigstoreDefect } from './defects.ts';
import { logSignature } from './entries.ts';
import type { EntryKind, LoggableVerifier } from './entry-body.ts';
import type { TestIdentity } from './identity.ts';
import { issueLeaf, type LeafOptions, type TestLeaf } from './leaf.ts';
import { stampSignature } from './stamps.ts';
import type { TimestampOptions } from './timestamp-authority.ts';
import type { TestLogEntry } from './transparency-log.ts';
import type { World } from './world.ts';

/** Who signs, where it is logged, and what is wrong with it. */
export type KeylessOptions = {
  /** Keyless: a certificate for this identity. */
  readonly identity?: TestIdentity;
  /** Signs with this key, without a certificate; one of the two is needed. */
  readonly key?: TestKey;
  /** Of the certificate: its key, lifetime, SCTs. */
  readonly leaf?: Omit<LeafOptions, 'defects'>;
  /** Default: the world's `rekor`; `none` for keys. */
  readonly log?: 'v1' | 'v2' | 'none';
  /** The kind of the entry. Default: what clients log of such content today. */
  readonly entry?: EntryKind;
  /** How many timestamps. Default: one for what is keyless and not in Rekor v1, which says a time itself. */
  readonly timestamps?: number;
  readonly timestamp?: TimestampOptions;
  /** Witnesses and further lines of the checkpoint. */
  readonly checkpoint?: CheckpointOptions;
  /** The entry's place in a tree of any size. Default: the log's own tree. */
  readonly tree?: { readonly index: bigint; readonly size: bigint };
  /** When it is signed, logged and stamped, milliseconds. Default: now. */
  readonly time?: number;
  readonly defects?: readonly SigstoreDefect[];
};

/** All that a signature comes with. */
export type Signed = {
  readonly content: SignedContent;
  readonly key: TestKey;
  readonly leaf?: TestLeaf;
  readonly entries: readonly TestLogEntry[];
  /** TimeStampResps, DER. */
  readonly timestamps: readonly Buffer[];
};

type Format = SignContentOptions & {
  readonly legacy?: boolean;
  /** What timestamps are over. Default `signature`. */
  readonly stamped?: 'signature' | 'envelope';
};

/** Signs the content, gets a certificate for it, logs and stamps it. */
export function sign(
  world: World,
  content: TestContent,
  options: KeylessOptions,
  format: Format = {},
): Signed {
  const scope = scopeOf(world, options, format);
  checkDefects(options.defects ?? [], scope);
  const has = (defect: SigstoreDefect) => options.defects?.includes(defect) === true;
  const time = options.time ?? world.now();
  const signer = signerOf(world, options, time);
  const signed = makeSignature(signer.key, content, format, has);
  const { log } = scope;
  const entries =
    log === 'none'
      ? []
      : logSignature(
          world,
          {
            log,
            ...(options.entry && { kind: options.entry }),
            content: signed,
            verifier: verifierOf(signer),
            otherCertificate: () => another(world, options, time, signer.key).certificate,
            other: () => otherSignature(world, content, options, time, format),
            options: { ...options.checkpoint, time, ...(options.tree && { tree: options.tree }) },
          },
          has,
        );
  const order = { count: scope.timestamps, time, options: options.timestamp };
  const stamped = format.stamped === 'envelope' ? signed.envelope?.json : signed.signature;
  const timestamps = stampSignature(world, stamped ?? signed.signature, order, has);
  return { content: has('tamperedContent') ? tamper(signed) : signed, ...signer, entries, timestamps };
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

function signerOf(
  world: World,
  { identity, key, leaf = {}, defects = [] }: KeylessOptions,
  time: number,
): { readonly key: TestKey; readonly leaf?: TestLeaf } {
  if (identity) {
    const issued = issueLeaf(world, identity, { notBefore: time - 5_000, ...leaf, defects });
    return { key: issued.key, leaf: issued };
  }
  if (key) return { key };
  throw new Error('give an identity or a key');
}

function makeSignature(
  key: TestKey,
  content: TestContent,
  format: Format,
  has: (defect: SigstoreDefect) => boolean,
): SignedContent {
  const signer = has('otherKey') ? createTestKey(key.kind) : key;
  return signContent(signer, content, {
    ...format,
    ...(has('badSignature') && { instead: randomBytes(64) }),
  });
}

function verifierOf({ key, leaf }: { readonly key: TestKey; readonly leaf?: TestLeaf }): LoggableVerifier & {
  readonly key: TestKey;
} {
  return leaf ? { key, certificate: leaf.certificate } : { key };
}

/** A second certificate for the same identity. */
function another(world: World, options: KeylessOptions, time: number, key: TestKey): TestLeaf {
  if (!options.identity) throw new Error('without an identity there is no certificate');
  return issueLeaf(world, options.identity, { notBefore: time - 5_000, ...options.leaf, key });
}

/** A true signature of somebody else over something else, of the same form. */
function otherSignature(
  world: World,
  content: TestContent,
  options: KeylessOptions,
  time: number,
  format: Format,
): { readonly content: SignedContent; readonly verifier: LoggableVerifier } {
  const key = createTestKey(options.leaf?.key?.kind ?? options.key?.kind ?? world.leafKey);
  const text = randomBytes(16).toString('hex');
  const signed = signContent(
    key,
    'statement' in content ? { statement: `{"_type":"${text}"}` } : { message: text },
    format,
  );
  return {
    content: signed,
    verifier: options.identity ? verifierOf({ key, leaf: another(world, options, time, key) }) : { key },
  };
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

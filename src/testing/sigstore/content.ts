// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { type BundleJson, encodePae } from '../bundle.ts';
import { encodeGoJson } from '../go-json.ts';
import { defaultHash, signWith, type TestKey } from '../keys.ts';
import type { LoggableContent } from './entry-body.ts';

/** What is to be signed. */
export type TestContent =
  /** Signed in a DSSE envelope; an object is put into JSON. */
  | { readonly statement: string | Uint8Array | object; readonly payloadType?: string }
  | { readonly message: string | Uint8Array }
  /** `sha256:<hex>` (or sha384, sha512: that of the key) of bytes that are not at hand; ECDSA keys only. */
  | { readonly digest: string };

/** Something signed: for the log, and as a bundle has it. */
export type SignedContent = LoggableContent & {
  readonly bundle: Pick<BundleJson, 'dsseEnvelope' | 'messageSignature'>;
};

const IN_TOTO = 'application/vnd.in-toto+json';
const CURVES = { 'ecdsa-p256': p256, 'ecdsa-p384': p384, 'ecdsa-p521': p521 } as const;

export type SignContentOptions = {
  /** Signed instead of the content. */
  readonly instead?: Uint8Array;
  /** Default: that of the key. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  /** Whether the envelope has `keyid` before `sig`, as cosign 1 and 2 wrote it. Default false. */
  readonly keyid?: boolean;
};

/** Signs the content with the key: Ed25519 plainly in envelopes, prehashed else, as Sigstore's clients do. */
export function signContent(
  key: TestKey,
  content: TestContent,
  options: SignContentOptions = {},
): SignedContent {
  if ('digest' in content) return signDigest(key, content.digest);
  return 'message' in content
    ? signMessage(key, Buffer.from(content.message), options)
    : signStatement(key, content, options);
}

function signStatement(
  key: TestKey,
  { statement, payloadType = IN_TOTO }: Extract<TestContent, { statement: unknown }>,
  { instead, hash = defaultHash(key), keyid = false }: SignContentOptions,
): SignedContent {
  const payload = encodeStatement(statement);
  const pae = encodePae(payloadType, payload);
  const signature = signWith(key, instead ?? pae, { hash });
  const sig = signature.toString('base64');
  const signatures = [keyid ? { keyid: '', sig } : { sig }];
  const dsseEnvelope = { payload: payload.toString('base64'), payloadType, signatures };
  const envelope = { payloadType, payload, json: encodeEnvelope(dsseEnvelope) };
  return { signature, hash, digest: digestOf(hash, pae), envelope, bundle: { dsseEnvelope } };
}

/** The envelope's JSON as it is stored and uploaded, in cosign's order. */
export function encodeEnvelope({
  payload,
  payloadType,
  signatures,
}: NonNullable<BundleJson['dsseEnvelope']>): Buffer {
  return encodeGoJson({ payloadType, payload, signatures });
}

function signMessage(
  key: TestKey,
  message: Uint8Array,
  { instead, hash = defaultHash(key) }: SignContentOptions,
): SignedContent {
  const signature = signWith(key, instead ?? message, { hash, ed25519: 'ph' });
  return describeMessage(signature, hash, digestOf(hash, message));
}

function signDigest(key: TestKey, text: string): SignedContent {
  const [hash = '', hex = ''] = text.split(':');
  const curve = key.kind in CURVES ? CURVES[key.kind as keyof typeof CURVES] : undefined;
  if (!curve || hash !== defaultHash(key))
    throw new Error(`a ${key.kind} key does not sign a ${hash} digest`);
  const digest = Buffer.from(hex, 'hex');
  const secret = Buffer.from(key.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const signature = curve.sign(digest, secret, { prehash: false, lowS: false, format: 'der' });
  return describeMessage(Buffer.from(signature), defaultHash(key), digest);
}

function describeMessage(signature: Buffer, hash: LoggableContent['hash'], digest: Buffer): SignedContent {
  const messageDigest = { algorithm: hash.replace('sha', 'SHA2_'), digest: digest.toString('base64') };
  const messageSignature = { messageDigest, signature: signature.toString('base64') };
  return { signature, hash, digest, bundle: { messageSignature } };
}

function encodeStatement(statement: string | Uint8Array | object): Buffer {
  if (typeof statement === 'string' || statement instanceof Uint8Array) return Buffer.from(statement);
  return encodeGoJson(statement);
}

function digestOf(hash: string, bytes: Uint8Array): Buffer {
  return createHash(hash).update(bytes).digest();
}

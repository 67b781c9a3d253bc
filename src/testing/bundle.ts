// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { encodeGoJson } from './go-json.ts';
import { defaultHash, type SignatureOptions, signWith, type TestKey } from './keys.ts';

export const COSIGN_SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';

const IN_TOTO = 'application/vnd.in-toto+json';

/** The two spellings of a bundle's media type: `…bundle.v0.3+json` (default) and the older `…bundle+json;version=0.3`. */
export function bundleMediaType(
  version: '0.1' | '0.2' | '0.3',
  spelling: 'dotted' | 'parameter' = 'dotted',
): string {
  const base = 'application/vnd.dev.sigstore.bundle';
  return spelling === 'dotted' ? `${base}.v${version}+json` : `${base}+json;version=${version}`;
}

/** A Sigstore bundle as JSON: as much of protobuf-specs v0.3 as these signers write. */
export type BundleJson = {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string; keyid?: string }[] };
  messageSignature?: { messageDigest: { algorithm: string; digest: string }; signature: string };
};

export type BundleOptions = SignatureOptions & {
  /** The image's digest: the subject of the statement. */
  readonly digest: string;
  /** Default: `bundleMediaType('0.3')`. */
  readonly mediaType?: string;
  /** Default: `COSIGN_SIGN_PREDICATE`. Any other makes it an attestation. */
  readonly predicateType?: string;
  /** Default: `{}`. */
  readonly predicate?: unknown;
  /** Annotations of the subject: what `cosign sign -a` adds. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The bytes signed instead of the statement. */
  readonly statement?: string | Uint8Array;
  /** Default: `application/vnd.in-toto+json`. */
  readonly payloadType?: string;
  /** A signature over these bytes (the image's manifest) instead of a statement in a DSSE envelope. */
  readonly message?: Uint8Array;
  /** Changes the bundle in place, after it is signed. */
  readonly edit?: (bundle: BundleJson) => void;
};

/** A bundle that the key signed, as the bytes that are stored. Needs no log: the key itself is the trust. */
export function makeBundle(key: TestKey, options: BundleOptions): Buffer {
  const bundle: BundleJson = {
    mediaType: options.mediaType ?? bundleMediaType('0.3'),
    verificationMaterial: { publicKey: { hint: hintOf(key) } },
    ...(options.message
      ? signMessage(key, options.message, options)
      : { dsseEnvelope: makeEnvelope(key, options) }),
  };
  options.edit?.(bundle);
  return encodeGoJson(bundle);
}

/** The in-toto statement that `cosign sign` signs. */
export function makeStatement(
  options: Pick<BundleOptions, 'digest' | 'predicateType' | 'predicate' | 'annotations'>,
): Buffer {
  const [algorithm = '', hex = ''] = options.digest.split(':');
  return encodeGoJson({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { [algorithm]: hex }, annotations: options.annotations ?? {} }],
    predicateType: options.predicateType ?? COSIGN_SIGN_PREDICATE,
    predicate: options.predicate ?? {},
  });
}

/** What a DSSE signature is over (DSSE v1 protocol, "PAE"). */
export function encodePae(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** A DSSE envelope over an in-toto statement, signed by the key. */
export function makeEnvelope(key: TestKey, options: BundleOptions): NonNullable<BundleJson['dsseEnvelope']> {
  const payload = options.statement === undefined ? makeStatement(options) : Buffer.from(options.statement);
  const payloadType = options.payloadType ?? IN_TOTO;
  const sig = signWith(key, encodePae(payloadType, payload), options).toString('base64');
  return { payload: payload.toString('base64'), payloadType, signatures: [{ sig }] };
}

// Sigstore's clients sign messages with Ed25519ph, and envelopes with pure Ed25519.
function signMessage(
  key: TestKey,
  message: Uint8Array,
  options: SignatureOptions,
): Pick<BundleJson, 'messageSignature'> {
  const hash = options.hash ?? defaultHash(key);
  const digest = createHash(hash).update(message).digest('base64');
  const signature = signWith(key, message, { ed25519: 'ph', ...options }).toString('base64');
  return {
    messageSignature: { messageDigest: { algorithm: hash.replace('sha', 'SHA2_'), digest }, signature },
  };
}

// The hint of cosign: base64 of SHA-256 over the SPKI DER. It tells nothing that could be trusted.
function hintOf(key: TestKey): string {
  return Buffer.from(key.fingerprint.replace('sha256:', ''), 'hex').toString('base64');
}

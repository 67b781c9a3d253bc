// SPDX-License-Identifier: Apache-2.0
import { sameBytes } from '../../certificate/same-bytes.ts';
import { VerificationError } from '../../errors.ts';
import { quote } from '../../image/quote.ts';
import { isJsonObject } from '../../json-object.ts';
import { LIMITS } from '../../limits.ts';
import { parseJson } from '../json.ts';
import { type BundleLogEntry, type BundleMaterial, bundleMessage } from './bundle-schema.ts';

/**
 * A Sigstore bundle that has the structure its version asks for. Certificates, log entries and timestamps are as they
 * came: what is in them is read by who needs it.
 */
export type Bundle = {
  readonly material: 'publicKey' | 'certificate';
  readonly content: DsseContent | MessageContent;
  /** DER, the one that signed first; none beside a key. */
  readonly certificates: readonly Uint8Array[];
  readonly logEntries: readonly BundleLogEntry[];
  /** TimeStampResp, DER. */
  readonly timestamps: readonly Uint8Array[];
};

/** A DSSE envelope with its one signature. */
export type DsseContent = {
  readonly kind: 'dsse';
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

/** A signature over content that is elsewhere; `digest` is the signer's hint of what. */
export type MessageContent = {
  readonly kind: 'message';
  readonly signature: Uint8Array;
  readonly digest?: { readonly algorithm: string; readonly value: Uint8Array };
};

type Version = 'v0.1' | 'v0.2' | 'v0.3';

/** Both spellings of each version (cosign formats §6.2). */
const VERSIONS: ReadonlyMap<string, Version> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', 'v0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', 'v0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', 'v0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.1+json', 'v0.1'],
  ['application/vnd.dev.sigstore.bundle.v0.2+json', 'v0.2'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', 'v0.3'],
]);

/**
 * The Sigstore bundle in the bytes (cosign formats §6.2).
 *
 * Attacker input: parsed as strictly as sigstore-go does, so that nothing is read here that others refuse.
 *
 * @throws VerificationError BUNDLE_MALFORMED, BUNDLE_VERSION_UNSUPPORTED, SIGNATURE_MALFORMED, LIMIT_EXCEEDED
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > LIMITS.bundleBytes) {
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `the bundle has ${bytes.length} bytes; at most ${LIMITS.bundleBytes} are read`,
    );
  }
  const json = parseJson(bytes, 'BUNDLE_MALFORMED', 'bundle');
  const version = parseVersion(json);
  const { verificationMaterial, dsseEnvelope, messageSignature } = bundleMessage(json, 'bundle');
  if (verificationMaterial === undefined) throw malformed('it has no verificationMaterial');
  const logEntries = (verificationMaterial.tlogEntries ?? []).map((entry) =>
    withoutLooseProof(entry, version),
  );
  checkLogEntries(logEntries, version);
  if ((dsseEnvelope === undefined) === (messageSignature === undefined)) {
    throw malformed('it needs either a dsseEnvelope or a messageSignature');
  }
  const content = dsseEnvelope ? parseDsse(dsseEnvelope) : parseMessage(messageSignature ?? {});
  return {
    ...parseMaterial(verificationMaterial, version),
    content,
    logEntries,
    timestamps: parseTimestamps(verificationMaterial),
  };
}

/** Before all else, since a version to come may have other fields. */
function parseVersion(json: unknown): Version {
  // ProtoJSON: a field has its lowerCamel or its original name.
  const mediaType = isJsonObject(json) ? (json['mediaType'] ?? json['media_type']) : undefined;
  if (typeof mediaType !== 'string') throw malformed('it has no mediaType');
  const version = VERSIONS.get(mediaType);
  if (version !== undefined) return version;
  throw new VerificationError(
    'BUNDLE_VERSION_UNSUPPORTED',
    `the bundle is of type ${quote(mediaType)}, wanted a Sigstore bundle v0.1, v0.2 or v0.3`,
  );
}

/**
 * Older clients left the checkpoint out of v0.1, where the promise is what counts (cosign formats §6.2). Without one a proof is
 * nobody's word: the entry is as good as one without it.
 */
function withoutLooseProof(entry: BundleLogEntry, version: Version): BundleLogEntry {
  const { inclusionProof, ...others } = entry;
  return version === 'v0.1' && !inclusionProof?.checkpoint?.envelope ? others : entry;
}

/**
 * A kind of entry, a promise in v0.1, from v0.2 on a proof with its checkpoint, and no entry twice: a bundle that breaks the rules of its
 * version is not taken half.
 */
function checkLogEntries(entries: readonly BundleLogEntry[], version: Version): void {
  const seen = new Set<string>();
  for (const { logId, logIndex, kindVersion, inclusionPromise, inclusionProof } of entries) {
    if (kindVersion === undefined) throw malformed('a log entry does not say of which kind it is');
    if (version === 'v0.1' && !inclusionPromise?.signedEntryTimestamp?.length) {
      throw malformed('a log entry of v0.1 needs an inclusion promise');
    }
    if (version !== 'v0.1' && !inclusionProof?.checkpoint?.envelope) {
      throw malformed(`a log entry of ${version} needs an inclusion proof with a checkpoint`);
    }
    const place = `${Buffer.from(logId?.keyId ?? []).toString('hex')} ${logIndex ?? 0n}`;
    if (seen.has(place)) throw malformed('it has the same log entry twice');
    seen.add(place);
  }
}

/** From v0.3 on the certificate that signed stands alone: a chain beside it would be somebody's wish. */
function parseMaterial(
  { publicKey, certificate, x509CertificateChain }: BundleMaterial,
  version: Version,
): Pick<Bundle, 'material' | 'certificates'> {
  const given = [publicKey, certificate, x509CertificateChain].filter((one) => one !== undefined);
  if (given.length !== 1) throw malformed('it needs one of publicKey, certificate and x509CertificateChain');
  if (publicKey !== undefined) return { material: 'publicKey', certificates: [] };
  if (version === 'v0.3' && x509CertificateChain)
    throw malformed('a bundle v0.3 has one certificate, no chain');
  const listed = certificate ? [certificate] : (x509CertificateChain?.certificates ?? []);
  const certificates = listed.map(({ rawBytes }) => rawBytes ?? new Uint8Array());
  if (certificates.length === 0) throw malformed('its certificate chain is empty');
  return { material: 'certificate', certificates };
}

/** None twice, as with log entries. */
function parseTimestamps({ timestampVerificationData }: BundleMaterial): readonly Uint8Array[] {
  const { rfc3161Timestamps = [] } = timestampVerificationData ?? {};
  const tokens = rfc3161Timestamps.map(({ signedTimestamp }) => signedTimestamp ?? new Uint8Array());
  const isTwice = tokens.some((one, at) => tokens.slice(0, at).some((other) => sameBytes(one, other)));
  if (isTwice) throw malformed('it has the same timestamp twice');
  return tokens;
}

function parseDsse(envelope: NonNullable<ReturnType<typeof bundleMessage>['dsseEnvelope']>): DsseContent {
  const { payloadType = '', payload, signatures } = envelope;
  const [signature] = signatures ?? [];
  if (signature === undefined) throw malformed('its envelope has no signature');
  if (!payload?.length) throw malformed('its envelope has no payload');
  return { kind: 'dsse', payloadType, payload, signature: checkSignature(signature.sig) };
}

function parseMessage(
  message: NonNullable<ReturnType<typeof bundleMessage>['messageSignature']>,
): MessageContent {
  const { messageDigest, signature } = message;
  const content = { kind: 'message', signature: checkSignature(signature) } as const;
  if (messageDigest === undefined) return content;
  const { algorithm = 'HASH_ALGORITHM_UNSPECIFIED', digest = new Uint8Array() } = messageDigest;
  return { ...content, digest: { algorithm, value: digest } };
}

function checkSignature(signature: Uint8Array | undefined): Uint8Array {
  if (signature?.length && signature.length <= LIMITS.signatureBytes) return signature;
  throw new VerificationError(
    'SIGNATURE_MALFORMED',
    signature?.length ? `the signature has ${signature.length} bytes` : 'the bundle has an empty signature',
  );
}

function malformed(why: string): VerificationError {
  return new VerificationError('BUNDLE_MALFORMED', `the bundle cannot be used: ${why}`);
}

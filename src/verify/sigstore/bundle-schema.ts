// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../../limits.ts';
import { bytes, int64, list, type MessageOf, message, oneOf, type Reader, text } from './proto-json.ts';

/** sigstore_common.proto, `HashAlgorithm`, by number. */
export const HASH_ALGORITHMS = [
  'HASH_ALGORITHM_UNSPECIFIED',
  'SHA2_256',
  'SHA2_384',
  'SHA2_512',
  'SHA3_256',
  'SHA3_384',
] as const;

const certificate = message({ rawBytes: bytes() });

/** sigstore_rekor.proto, `TransparencyLogEntry`. */
const logEntry = message({
  logIndex: int64,
  logId: message({ keyId: bytes() }),
  kindVersion: message({ kind: text, version: text }),
  integratedTime: int64,
  inclusionPromise: message({ signedEntryTimestamp: bytes() }),
  inclusionProof: message({
    logIndex: int64,
    rootHash: bytes(),
    treeSize: int64,
    hashes: list(bytes(), LIMITS.inclusionPath),
    checkpoint: message({ envelope: text }),
  }),
  canonicalizedBody: bytes(),
});

/** sigstore_bundle.proto, `VerificationMaterial`. */
const verificationMaterial = message({
  publicKey: message({ hint: text }),
  x509CertificateChain: message({ certificates: list(certificate, LIMITS.bundleCertificates) }),
  certificate,
  tlogEntries: list(logEntry, LIMITS.tlogEntries),
  timestampVerificationData: message({
    rfc3161Timestamps: list(message({ signedTimestamp: bytes() }), LIMITS.timestamps),
  }),
});

/** DSSE's envelope.proto. An envelope in a bundle has one signature, never more (cosign formats §15, trap 10). */
const dsseEnvelope = message({
  payload: bytes(),
  payloadType: text,
  signatures: list(message({ sig: bytes('SIGNATURE_MALFORMED'), keyid: text }), 1),
});

/** sigstore_common.proto, `MessageSignature`. */
const messageSignature = message({
  messageDigest: message({ algorithm: oneOf(HASH_ALGORITHMS), digest: bytes() }),
  signature: bytes('SIGNATURE_MALFORMED'),
});

const fields = { mediaType: text, verificationMaterial, messageSignature, dsseEnvelope };

/** A transparency log entry as a bundle has it. */
export type BundleLogEntry = ReturnType<typeof logEntry>;

/** What verifies the signature of a bundle. */
export type BundleMaterial = ReturnType<typeof verificationMaterial>;

/** sigstore_bundle.proto, `Bundle`: every field read and bounded, nothing demanded yet. */
export const bundleMessage: Reader<MessageOf<typeof fields>> = message(fields);

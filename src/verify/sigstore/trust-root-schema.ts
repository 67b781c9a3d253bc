// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../errors.ts';
import { LIMITS } from '../../limits.ts';
import { parseMoment } from '../../policy/time.ts';
import { HASH_ALGORITHMS } from './bundle-schema.ts';
import { bytes, list, type MessageOf, message, oneOf, type Reader, text } from './proto-json.ts';

/** sigstore_common.proto, `PublicKeyDetails`, by number. */
const KEY_DETAILS = [
  'PUBLIC_KEY_DETAILS_UNSPECIFIED',
  'PKCS1_RSA_PKCS1V5',
  'PKCS1_RSA_PSS',
  'PKIX_RSA_PKCS1V5',
  'PKIX_RSA_PSS',
  'PKIX_ECDSA_P256_SHA_256',
  'PKIX_ECDSA_P256_HMAC_SHA_256',
  'PKIX_ED25519',
  'PKIX_ED25519_PH',
  'PKIX_RSA_PKCS1V15_2048_SHA256',
  'PKIX_RSA_PKCS1V15_3072_SHA256',
  'PKIX_RSA_PKCS1V15_4096_SHA256',
  'PKIX_ECDSA_P384_SHA_384',
  'PKIX_ECDSA_P521_SHA_512',
  'LMS_SHA256',
  'LMOTS_SHA256',
  'PKIX_RSA_PSS_2048_SHA256',
  'PKIX_RSA_PSS_3072_SHA256',
  'PKIX_RSA_PSS_4096_SHA256',
  'PKIX_ECDSA_P384_SHA_256',
  'PKIX_ECDSA_P521_SHA_256',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_DSA_44',
] as const;

/** google.protobuf.Timestamp in JSON: RFC 3339, of which milliseconds are kept. */
const timestamp: Reader<number> = (value, path) => {
  const written = text(value, path);
  const time = written.includes('T') ? parseMoment(written, 'start') : undefined;
  if (time === undefined) throw new VerificationError('BUNDLE_MALFORMED', `${path}: not an RFC 3339 time`);
  return time;
};

const timeRange = message({ start: timestamp, end: timestamp });
const logId = message({ keyId: bytes() });

/** sigstore_trustroot.proto, `TransparencyLogInstance`. */
const log = message({
  baseUrl: text,
  hashAlgorithm: oneOf(HASH_ALGORITHMS),
  publicKey: message({ rawBytes: bytes(), keyDetails: oneOf(KEY_DETAILS), validFor: timeRange }),
  logId,
  checkpointKeyId: logId,
  operator: text,
});

/** sigstore_trustroot.proto, `CertificateAuthority`: timestamp authorities are written alike. */
const authority = message({
  subject: message({ organization: text, commonName: text }),
  uri: text,
  certChain: message({ certificates: list(message({ rawBytes: bytes() }), LIMITS.bundleCertificates) }),
  validFor: timeRange,
  operator: text,
});

const fields = {
  mediaType: text,
  tlogs: list(log, LIMITS.trustRootEntries),
  certificateAuthorities: list(authority, LIMITS.trustRootEntries),
  ctlogs: list(log, LIMITS.trustRootEntries),
  timestampAuthorities: list(authority, LIMITS.trustRootEntries),
};

/** A log as a trust root has it. */
export type LogMessage = ReturnType<typeof log>;

/** A certificate or timestamp authority as a trust root has it. */
export type AuthorityMessage = ReturnType<typeof authority>;

/** A closed interval; absent ends are absent. */
export type TimeRangeMessage = ReturnType<typeof timeRange>;

/** sigstore_trustroot.proto, `TrustedRoot`: every field read and bounded, nothing demanded yet. */
export const trustRootMessage: Reader<MessageOf<typeof fields>> = message(fields);

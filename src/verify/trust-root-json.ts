// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { parseCertificate } from '../certificate/x509.ts';
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import { checkKeyKind } from '../policy/key.ts';
import { parseJson } from './json.ts';
import {
  type AuthorityMessage,
  type LogMessage,
  type TimeRangeMessage,
  trustRootMessage,
} from './sigstore/trust-root-schema.ts';
import type { TrustedAuthority, TrustedLog, TrustRoot, ValidityWindow } from './trust-root.ts';
import {
  asCertificateAuthority,
  asTimestampAuthority,
  at,
  buildTrustRoot,
  checkCertificate,
  invalid,
} from './trust-root-build.ts';

const MEDIA_TYPE =
  /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.[12]|\.v0\.[12]\+json)$/;

/**
 * A Sigstore `trusted_root.json`, v0.1 or v0.2 (sigstore_trustroot.proto, as ProtoJSON). Strict, as
 * sigstore-go is: unknown fields, a window without a start and hash algorithms other than SHA-256 are errors.
 * Times count in whole milliseconds; finer ones are cut. A log whose key is of a kind that nothing here can
 * verify with is left out, and so is an authority whose list of certificates is empty: what they say counts for nothing,
 * and the others still work.
 *
 * @throws CountersignError TRUST_ROOT_INVALID
 */
export function parseTrustRoot(name: string, json: Uint8Array): TrustRoot {
  return buildTrustRoot(name, () => {
    if (json.length > LIMITS.documentBytes)
      throw invalid('the file', `${json.length} bytes, at most ${LIMITS.documentBytes} are allowed`);
    const root = trustRootMessage(parseJson(json, 'TRUST_ROOT_INVALID', 'file'), 'root');
    if (!MEDIA_TYPE.test(root.mediaType ?? ''))
      throw invalid(
        'root.mediaType',
        `found ${quote(root.mediaType ?? '')}, wanted application/vnd.dev.sigstore.trustedroot+json;version=0.1 (or 0.2)`,
      );
    return {
      certificateAuthorities: each(
        root.certificateAuthorities,
        'root.certificateAuthorities',
        (entry, path) =>
          readAuthority(entry, path).map((authority) => asCertificateAuthority(authority, path)),
      ).flat(),
      certificateLogs: each(root.ctlogs, 'root.ctlogs', readLog).flat(),
      logs: each(root.tlogs, 'root.tlogs', readLog).flat(),
      timestampAuthorities: each(root.timestampAuthorities, 'root.timestampAuthorities', (entry, path) =>
        readAuthority(entry, path).map((authority) => asTimestampAuthority(authority, path)),
      ).flat(),
    };
  });
}

function each<From, To>(
  list: readonly From[] = [],
  path: string,
  read: (entry: From, path: string) => To,
): To[] {
  return list.map((entry, index) => read(entry, `${path}[${index}]`));
}

/** The authority, or nothing where it says itself that it has no certificate: nobody is known by it. */
function readAuthority(entry: AuthorityMessage, path: string): TrustedAuthority[] {
  const window = readWindow(entry.validFor, `${path}.validFor`);
  const certificates = entry.certChain?.certificates;
  if (certificates === undefined) throw invalid(`${path}.certChain`, 'no certificates');
  if (certificates.length === 0) return [];
  const chain = each(certificates, `${path}.certChain.certificates`, ({ rawBytes = NO_BYTES }, where) =>
    checkCertificate(
      at(where, () => parseCertificate(rawBytes)),
      where,
    ),
  );
  return [{ uri: entry.uri ?? '', chain, window }];
}

const NO_BYTES = new Uint8Array();

/** The kind of key that each of the details stands for; those that are not here verify nothing. */
const KEY_KINDS: Readonly<Record<string, string>> = {
  PKCS1_RSA_PKCS1V5: 'rsa',
  PKIX_RSA_PKCS1V5: 'rsa',
  PKIX_RSA_PKCS1V15_2048_SHA256: 'rsa',
  PKIX_RSA_PKCS1V15_3072_SHA256: 'rsa',
  PKIX_RSA_PKCS1V15_4096_SHA256: 'rsa',
  PKIX_ECDSA_P256_SHA_256: 'ec prime256v1',
  PKIX_ECDSA_P384_SHA_384: 'ec secp384r1',
  PKIX_ECDSA_P521_SHA_512: 'ec secp521r1',
  PKIX_ECDSA_P384_SHA_256: 'ec secp384r1',
  PKIX_ECDSA_P521_SHA_256: 'ec secp521r1',
  PKIX_ED25519: 'ed25519',
};

/** The log, or nothing where its key is of no use here. */
function readLog(entry: LogMessage, path: string): TrustedLog[] {
  const { hashAlgorithm = 'none', publicKey = {} } = entry;
  const window = readWindow(publicKey.validFor, `${path}.publicKey.validFor`);
  const { keyDetails = 'none', rawBytes = NO_BYTES } = publicKey;
  if (keyDetails === 'none' || keyDetails === 'PUBLIC_KEY_DETAILS_UNSPECIFIED')
    throw invalid(
      `${path}.publicKey.keyDetails`,
      'missing, wanted the kind of key, as PKIX_ECDSA_P256_SHA_256',
    );
  const kind = KEY_KINDS[keyDetails];
  if (kind === undefined) return [];
  if (hashAlgorithm !== 'SHA2_256')
    throw invalid(`${path}.hashAlgorithm`, `found ${hashAlgorithm}, wanted SHA2_256`);
  const key = readKey(
    rawBytes,
    keyDetails.startsWith('PKCS1_') ? 'pkcs1' : 'spki',
    kind,
    `${path}.publicKey`,
  );
  const spki = key.export({ format: 'der', type: 'spki' });
  const { keyId = createHash('sha256').update(spki).digest() } = entry.logId ?? {};
  if (keyId.length === 0) throw invalid(`${path}.logId.keyId`, 'empty');
  const id = Buffer.from(keyId).toString('hex');
  return [{ id, key, spki, keyDetails, window, baseUrl: entry.baseUrl ?? '' }];
}

function readKey(der: Uint8Array, type: 'pkcs1' | 'spki', kind: string, path: string): KeyObject {
  const key = decodeKey(Buffer.from(der), type, path);
  const found = `${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? ''}`.trim();
  if (found !== kind) throw invalid(path, `found a key of kind ${found}, wanted ${kind}, as keyDetails says`);
  at(path, () => checkKeyKind(key));
  return key;
}

function decodeKey(key: Buffer, type: 'pkcs1' | 'spki', path: string): KeyObject {
  try {
    return createPublicKey({ key, format: 'der', type });
  } catch {
    throw invalid(`${path}.rawBytes`, `not a public key (${type.toUpperCase()}, DER)`);
  }
}

/** Closed on both sides (cosign formats §8): open at the end where none is given, never at the start. */
function readWindow(range: TimeRangeMessage | undefined, path: string): ValidityWindow {
  const { start, end = Number.POSITIVE_INFINITY } = range ?? {};
  if (start === undefined) throw invalid(path, 'no start, wanted the time from which on this is trusted');
  if (start > end) throw invalid(path, 'the start is after the end');
  return { from: start, until: end };
}

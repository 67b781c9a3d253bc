// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from 'node:crypto';
import { CountersignError } from '../errors.ts';
import { digestOf } from '../image/digest.ts';
import { LIMITS } from '../limits.ts';

/** A public key that can verify signatures, and the one name it has. */
export type PublicKey = {
  readonly key: KeyObject;
  /** `sha256:<hex of the SPKI DER>`, in one encoding: equal for equal keys, however they were written. */
  readonly fingerprint: string;
  /** Of an ECDSA key, where its encoding tells it: OpenSSL takes long to say it. */
  readonly namedCurve?: string;
};

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
/** SubjectPublicKeyInfo of the curves with both coordinates: the encoding that fingerprints are taken of. */
const UNCOMPRESSED_BYTES = [91, 120, 158];
/** What stands before both coordinates of P-256 (RFC 5480 §2): in DER there is no other encoding of such a key. */
const P256_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');
const RSA_BITS = { least: 2048, most: 4096 };

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/;
const RSA_ALGORITHM = Buffer.from('300d06092a864886f70d0101010500', 'hex');

/**
 * The one public key in a PEM text (RFC 7468, "PUBLIC KEY"): ECDSA P-256, P-384, P-521, RSA and RSA-PSS of
 * 2048 to 4096 bits, Ed25519. Text around the block is ignored, as the RFC demands.
 *
 * @param several where a second key belongs, for whoever put two into one file
 * @throws KEY_INVALID; the message never quotes the text, which may be a private key by mistake.
 */
export function parsePublicKey(pem: string, several = 'wanted one key'): PublicKey {
  if (pem.length > LIMITS.documentBytes) throw invalid('larger than a key can be');
  const label = /-----BEGIN ([^-\n]{0,64})-----/.exec(pem)?.[1];
  if (label === undefined)
    throw invalid('not PEM: no -----BEGIN PUBLIC KEY----- (a key file, not its fingerprint or base64)');
  if (label.includes('PRIVATE KEY')) throw invalid(PRIVATE);
  if (pem.indexOf('-----BEGIN ') !== pem.lastIndexOf('-----BEGIN ')) {
    throw invalid(`more than one PEM block; ${several}`);
  }
  if (label !== 'PUBLIC KEY')
    throw invalid(
      OTHER_LABELS[label] ?? `a PEM block "${label.replace(/[^ -~]/g, '?')}" is not a public key`,
    );
  return publicKeyOf(decode(BLOCK.exec(pem)?.[2]));
}

/**
 * A key of any origin, checked to be of a kind that proves something. `der` is the SubjectPublicKeyInfo that it was
 * read from, where that is at hand: the usual one is known by its bytes, which OpenSSL need not write again.
 *
 * @throws KEY_INVALID
 */
export function publicKeyOf(key: KeyObject, der: Uint8Array = NOTHING): PublicKey {
  if (isUsual(der)) return { key, fingerprint: digestOf(der), namedCurve: 'prime256v1' };
  checkKeyKind(key);
  return { key, fingerprint: fingerprintOf(key) };
}

const NOTHING = new Uint8Array();

function isUsual(der: Uint8Array): boolean {
  return der.length === UNCOMPRESSED_BYTES[0] && P256_HEAD.equals(der.subarray(0, P256_HEAD.length));
}

const PRIVATE =
  'this is a private key. Name its public key here, and keep the private one away from policies: whoever can read it can sign';

const OTHER_LABELS: Readonly<Record<string, string>> = {
  CERTIFICATE: 'a certificate is not a key: take the key out with: openssl x509 -in FILE -noout -pubkey',
  'RSA PUBLIC KEY': 'PKCS#1 is not supported: convert with: openssl rsa -RSAPublicKey_in -in FILE -pubout',
  'PGP PUBLIC KEY BLOCK': 'PGP keys are not supported',
};

function decode(base64: string | undefined): KeyObject {
  const text = (base64 ?? '').replace(/\s/g, '');
  const der = Buffer.from(text, 'base64');
  if (text === '' || der.toString('base64') !== text) throw invalid('the PEM block is cut or not base64');
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch (cause) {
    throw invalid('the PEM block does not hold a public key that OpenSSL can read', { cause });
  }
}

/** What is known about each kind; a kind without an entry is refused. */
const KIND_CHECKS: Readonly<Record<string, (key: KeyObject) => void>> = {
  ec: (key) => {
    const curve = key.asymmetricKeyDetails?.namedCurve ?? 'with explicit parameters';
    if (!CURVES.includes(curve))
      throw invalid(`an ECDSA key on P-256, P-384 or P-521 is needed, found curve ${curve}`);
  },
  rsa: checkRsa,
  'rsa-pss': checkRsa,
  ed25519: () => {},
};

/**
 * Demands a key of a kind and size that can verify signatures.
 *
 * @throws KEY_INVALID
 */
export function checkKeyKind(key: KeyObject): void {
  const check = KIND_CHECKS[key.asymmetricKeyType ?? ''];
  if (check === undefined) {
    throw invalid(`keys of kind ${key.asymmetricKeyType} are not supported (allowed: ECDSA, RSA, Ed25519)`);
  }
  check(key);
}

/** With an exponent of 1 everybody can make a signature, with an even one nobody. */
function checkRsa(key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) {
    throw invalid(`an RSA key has ${RSA_BITS.least} to ${RSA_BITS.most} bits here, found ${bits}`);
  }
  if (exponent < 3n || exponent % 2n === 0n)
    throw invalid(`an RSA key with the public exponent ${exponent} proves nothing`);
}

/**
 * One key has several encodings: an EC point may be compressed, an RSA key may be marked for PSS. They must
 * not count as several signers (one key speaks for one name), so the fingerprint is taken of one of them.
 */
function fingerprintOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'ec') {
    const der = spki(key);
    if (UNCOMPRESSED_BYTES.includes(der.length)) return digestOf(der);
    return digestOf(spki(createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' })));
  }
  return digestOf(key.asymmetricKeyType === 'rsa-pss' ? asPlainRsa(spki(key)) : spki(key));
}

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

/**
 * RFC 5280, SubjectPublicKeyInfo: SEQUENCE { SEQUENCE algorithm, BIT STRING key }. The key is the same in both
 * forms (RFC 4055, section 1.2); only the algorithm before it is replaced. OpenSSL wrote the input.
 */
function asPlainRsa(der: Buffer): Buffer {
  const algorithm = contentOffset(der, 0);
  const bits = contentOffset(der, algorithm) + contentLength(der, algorithm);
  const content = Buffer.concat([RSA_ALGORITHM, der.subarray(bits)]);
  const header = Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]);
  return Buffer.concat([header, content]);
}

function contentOffset(der: Buffer, at: number): number {
  const length = der[at + 1] ?? 0;
  return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
}

function contentLength(der: Buffer, at: number): number {
  const length = der[at + 1] ?? 0;
  return length < 0x80 ? length : der.readUIntBE(at + 2, length & 0x7f);
}

function invalid(why: string, options?: ErrorOptions): CountersignError {
  return new CountersignError('KEY_INVALID', why, options);
}

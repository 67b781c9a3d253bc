// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { parsePublicKey, publicKeyOf } from '../../src/policy/key.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function toPem(der: Buffer, label = 'PUBLIC KEY'): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = ec('P-256');
const PEM = pemOf(p256.publicKey);

const ACCEPTED: readonly (readonly [string, KeyObject])[] = [
  ['ECDSA P-256', p256.publicKey],
  ['ECDSA P-384', ec('P-384').publicKey],
  ['ECDSA P-521', ec('P-521').publicKey],
  ['RSA 2048', rsa.publicKey],
  ['RSA 3072', generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey],
  ['RSA-PSS', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
  [
    'RSA-PSS, bound to SHA-256',
    generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    }).publicKey,
  ],
  ['Ed25519', generateKeyPairSync('ed25519').publicKey],
];

for (const [name, key] of ACCEPTED) {
  test(`accepted: ${name}`, () => {
    const parsed = parsePublicKey(pemOf(key));
    assert.ok(parsed.key.equals(key));
    assert.match(parsed.fingerprint, /^sha256:[0-9a-f]{64}$/);
    if (key.asymmetricKeyType !== 'rsa-pss') {
      assert.equal(parsed.fingerprint, digestOf(key.export({ type: 'spki', format: 'der' })));
    }
  });
}

test('text around the block, CRLF and missing line breaks change nothing', () => {
  const { fingerprint } = parsePublicKey(PEM);
  const flat = PEM.split('\n').slice(1, -2).join('');
  for (const pem of [
    `the release key, 2027\n\n${PEM}\ntrailing`,
    PEM.replaceAll('\n', '\r\n'),
    PEM.trim(),
    `-----BEGIN PUBLIC KEY-----\n${flat}\n-----END PUBLIC KEY-----`,
  ]) {
    assert.equal(parsePublicKey(pem).fingerprint, fingerprint);
  }
});

test('a compressed point is the same key (one key is never two signers)', () => {
  const der = p256.publicKey.export({ type: 'spki', format: 'der' });
  // SubjectPublicKeyInfo of P-256: 26 bytes of header, then 04 x y.
  const [x, y] = [der.subarray(27, 59), der.subarray(59)];
  const header = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  const compressed = Buffer.concat([header, Buffer.from([(y.at(-1) ?? 0) % 2 === 0 ? 2 : 3]), x]);
  assert.ok(createPublicKey({ key: compressed, format: 'der', type: 'spki' }).equals(p256.publicKey));
  assert.equal(parsePublicKey(toPem(compressed)).fingerprint, parsePublicKey(PEM).fingerprint);
});

test('one RSA key marked for PSS is the same key', () => {
  const plain = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const bits = plain.subarray(19 + 0);
  assert.equal(plain.subarray(4, 19).toString('hex'), '300d06092a864886f70d0101010500');
  const pssAlgorithms = ['300b06092a864886f70d01010a', '300d06092a864886f70d01010a3000'];
  for (const algorithm of pssAlgorithms) {
    const content = Buffer.concat([Buffer.from(algorithm, 'hex'), bits]);
    const der = Buffer.concat([
      Buffer.from([0x30, 0x82, content.length >> 8, content.length & 0xff]),
      content,
    ]);
    assert.equal(createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType, 'rsa-pss');
    assert.equal(parsePublicKey(toPem(der)).fingerprint, parsePublicKey(pemOf(rsa.publicKey)).fingerprint);
  }
});

const encrypted = rsa.privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'x',
});

/** RSA with the exponent of the key replaced: 010001 is the end of the encoding. */
function rsaWithExponent(hex: string): string {
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
  assert.ok(der.toString('hex').endsWith('0203010001'));
  return toPem(Buffer.from(der.toString('hex').replace(/010001$/, hex), 'hex'));
}

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['empty', '', /not PEM/],
  ['not PEM', 'hello', /not PEM/],
  ['a digest', `sha256:${'a'.repeat(64)}`, /not PEM/],
  ['base64 without PEM', PEM.split('\n').slice(1, -2).join(''), /not PEM/],
  ['PKCS#8 private key', p256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), /private key/],
  ['SEC1 private key', p256.privateKey.export({ type: 'sec1', format: 'pem' }).toString(), /private key/],
  ['PKCS#1 private key', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), /private key/],
  ['encrypted private key', encrypted.toString(), /private key/],
  [
    'cosign private key',
    '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----',
    /private key/,
  ],
  ['certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /openssl x509/],
  ['PKCS#1 public key', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), /openssl rsa/],
  ['PGP key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----', /PGP/],
  ['unknown label', '-----BEGIN X\u001bY-----\nAAAA\n-----END X\u001bY-----', /"X\?Y" is not a public key/],
  ['two blocks', PEM + PEM, /more than one/],
  [
    'a public and a private key',
    PEM + p256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    /more than one/,
  ],
  ['no end', PEM.replace(/-----END.*/s, ''), /cut/],
  ['another end', PEM.replace('END PUBLIC KEY', 'END CERTIFICATE'), /cut/],
  ['not base64', PEM.replace(/\nM/, '\n!'), /cut or not base64/],
  ['one character short', PEM.replace(/(.)\n-----END/, '\n-----END'), /cut|OpenSSL/],
  ['empty block', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----', /cut/],
  ['not DER', toPem(Buffer.from('hello world')), /OpenSSL/],
  ['P-256K', pemOf(ec('secp256k1').publicKey), /secp256k1/],
  ['P-224', pemOf(ec('secp224r1').publicKey), /secp224r1/],
  ['RSA 1024', pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), /found 1024/],
  ['RSA-PSS 1024', pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).publicKey), /found 1024/],
  ['RSA with exponent 1', rsaWithExponent('000001'), /exponent 1 |OpenSSL/],
  ['RSA with an even exponent', rsaWithExponent('010000'), /exponent 65536|OpenSSL/],
  ['Ed448', pemOf(generateKeyPairSync('ed448').publicKey), /kind ed448/],
  ['X25519', pemOf(generateKeyPairSync('x25519').publicKey), /kind x25519/],
  [
    'DSA',
    pemOf(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).publicKey),
    /kind dsa/,
  ],
];

for (const [name, pem, message] of REFUSED) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => parsePublicKey(pem),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'KEY_INVALID');
        assert.match(error.message, message);
        for (const line of pem.split('\n').filter((text) => text.length > 40))
          assert.ok(!error.message.includes(line));
        return true;
      },
    );
  });
}

test('RSA beyond 4096 bits is refused', () => {
  const { n = '' } = rsa.publicKey.export({ format: 'jwk' });
  const large = Buffer.concat([Buffer.from([1]), Buffer.from(n, 'base64url'), Buffer.alloc(257, 1)]);
  const key = createPublicKey({
    key: { kty: 'RSA', n: large.toString('base64url'), e: 'AQAB' },
    format: 'jwk',
  });
  assert.throws(() => parsePublicKey(pemOf(key)), /2048 to 4096/);
});

test('the keys of real signers are read', { skip: skipWithoutVectors }, () => {
  for (const path of [
    ['keys', 'pc-cosign.pub'],
    ['legacy-keyed', 'cosign.pub'],
    ['local-sigstore', 'cosign.pub'],
  ]) {
    parsePublicKey(readFileSync(vectorsPath(...path), 'utf8'));
  }
  const privateKey = readFileSync(vectorsPath('keys', 'pc-cosign.key'), 'utf8');
  assert.throws(() => parsePublicKey(privateKey), /private key/);
});

test('the encoding beside a key changes nothing that is known of it', () => {
  for (const curve of ['P-256', 'P-384', 'P-521']) {
    const { publicKey } = ec(curve);
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const { namedCurve, ...known } = publicKeyOf(publicKey, der);
    assert.deepEqual(known, publicKeyOf(publicKey));
    assert.equal(namedCurve, curve === 'P-256' ? publicKey.asymmetricKeyDetails?.namedCurve : undefined);
  }
});

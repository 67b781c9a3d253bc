// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { suite, test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import type { HashName } from '../../src/policy/index.ts';
import {
  encodePae,
  makeLegacyPayload,
  makeStatement,
  type SignatureOptions,
  type TestKeyKind,
} from '../../src/testing/index.ts';
import { algorithmsOf } from '../../src/verify/algorithms.ts';
import {
  bundleCandidate,
  bundleOf,
  expectCode,
  expectVerified,
  IMAGE,
  imageAt,
  layerCandidate,
  legacyCandidate,
  MANIFEST,
  sharedKey,
  signerOf,
  trusted,
} from '../support/verification.ts';

type Row = { kind: TestKeyKind; how: SignatureOptions; policy?: HashName; algorithm: string };

const hash = (kind: TestKeyKind, name: HashName, algorithm: string): Row => ({
  kind,
  how: { hash: name },
  policy: name,
  algorithm,
});

/** How a key signs, what the policy says of it, and what then was proved. */
const accepted: Row[] = [
  { kind: 'ecdsa-p256', how: {}, algorithm: 'ecdsa-sha2-256-nistp256' },
  { kind: 'ecdsa-p384', how: {}, algorithm: 'ecdsa-sha2-384-nistp384' },
  { kind: 'ecdsa-p384', how: { hash: 'sha256' }, algorithm: 'ecdsa-sha2-256-nistp384' },
  { kind: 'ecdsa-p521', how: {}, algorithm: 'ecdsa-sha2-512-nistp521' },
  { kind: 'ecdsa-p521', how: { hash: 'sha256' }, algorithm: 'ecdsa-sha2-256-nistp521' },
  ...(['sha224', 'sha256', 'sha384', 'sha512'] as const).flatMap((name) => [
    hash('ecdsa-p256', name, `ecdsa-sha2-${name.slice(3)}-nistp256`),
    hash('ecdsa-p384', name, `ecdsa-sha2-${name.slice(3)}-nistp384`),
    hash('ecdsa-p521', name, `ecdsa-sha2-${name.slice(3)}-nistp521`),
    hash('rsa-2048', name, `rsa-sign-pkcs1-2048-${name}`),
    {
      kind: 'rsa-2048' as const,
      how: { hash: name, scheme: 'pss' as const },
      policy: name,
      algorithm: `rsa-sign-pss-2048-${name}`,
    },
  ]),
  { kind: 'rsa-2048', how: {}, algorithm: 'rsa-sign-pkcs1-2048-sha256' },
  { kind: 'rsa-3072', how: {}, algorithm: 'rsa-sign-pkcs1-3072-sha256' },
  { kind: 'rsa-4096', how: { scheme: 'pss' }, algorithm: 'rsa-sign-pss-4096-sha256' },
  { kind: 'ed25519', how: { ed25519: 'pure' }, algorithm: 'ed25519' },
  { kind: 'ed25519', how: { ed25519: 'ph' }, algorithm: 'ed25519-ph' },
  { kind: 'ed25519', how: { ed25519: 'ph' }, policy: 'sha512', algorithm: 'ed25519-ph' },
];

/** Ways to sign that the policy does not allow for. */
const refused: Omit<Row, 'algorithm'>[] = [
  { kind: 'ecdsa-p256', how: { hash: 'sha384' } },
  { kind: 'ecdsa-p256', how: { hash: 'sha256' }, policy: 'sha512' },
  { kind: 'ecdsa-p384', how: { hash: 'sha512' } },
  { kind: 'ecdsa-p384', how: { hash: 'sha256' }, policy: 'sha384' },
  { kind: 'ecdsa-p384', how: { hash: 'sha384' }, policy: 'sha256' },
  { kind: 'ecdsa-p521', how: { hash: 'sha384' } },
  { kind: 'rsa-2048', how: { hash: 'sha512' } },
  { kind: 'rsa-2048', how: { hash: 'sha224', scheme: 'pss' } },
  { kind: 'rsa-2048', how: { hash: 'sha256' }, policy: 'sha512' },
  { kind: 'ed25519', how: { ed25519: 'pure' }, policy: 'sha512' },
];

const policyOf = ({ policy }: { policy?: HashName }) => (policy === undefined ? {} : { hash: policy });

suite('every kind of key, in both formats', () => {
  for (const row of accepted) {
    const said = row.policy ? `, hash: ${row.policy}` : '';
    test(`${row.algorithm} is verified with a key of kind ${row.kind}${said}`, () => {
      const key = sharedKey(row.kind);
      const signer = signerOf([trusted(key, policyOf(row))]);
      assert.equal(expectVerified(legacyCandidate(key, row.how), signer).algorithm, row.algorithm);
      assert.equal(expectVerified(bundleCandidate(key, row.how), signer).algorithm, row.algorithm);
    });
  }

  for (const row of refused) {
    test(`${JSON.stringify(row)} is not`, () => {
      const key = sharedKey(row.kind);
      const signer = signerOf([trusted(key, policyOf(row))]);
      expectCode('SIGNATURE_INVALID', legacyCandidate(key, row.how), signer);
      expectCode('SIGNATURE_INVALID', bundleCandidate(key, row.how), signer);
    });
  }
});

suite('keys that are for RSA-PSS only', () => {
  const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
  const statement = makeStatement({ digest: IMAGE.digest });
  const type = 'application/vnd.in-toto+json';

  const signed = (options: object) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048, ...options });
    const name = publicKey.asymmetricKeyDetails?.hashAlgorithm ?? 'sha256';
    const over = (content: Uint8Array) => sign(name, content, privateKey).toString('base64');
    const layer = layerCandidate(payload, { 'dev.cosignproject.cosign/signature': over(payload) });
    const bundle = bundleOf(
      JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: { publicKey: {} },
        dsseEnvelope: {
          payload: statement.toString('base64'),
          payloadType: type,
          signatures: [{ sig: over(encodePae(type, statement)) }],
        },
      }),
    );
    return { publicKey, layer, bundle };
  };

  test('with any hash: SHA-256 is expected', () => {
    const { publicKey, layer, bundle } = signed({});
    const signer = signerOf([trusted(publicKey)]);
    assert.equal(expectVerified(layer, signer).algorithm, 'rsa-sign-pss-2048-sha256');
    assert.equal(expectVerified(bundle, signer).algorithm, 'rsa-sign-pss-2048-sha256');
    expectCode('SIGNATURE_INVALID', layer, signerOf([trusted(publicKey, { hash: 'sha512' })]));
  });

  test('with a hash of their own: that one, and no other from the policy', () => {
    const { publicKey, layer } = signed({ hashAlgorithm: 'sha384', saltLength: 20 });
    assert.equal(expectVerified(layer, signerOf([trusted(publicKey)])).algorithm, 'rsa-sign-pss-2048-sha384');
    expectVerified(layer, signerOf([trusted(publicKey, { hash: 'sha384' })]));
    expectCode('ALGORITHM_UNSUPPORTED', layer, signerOf([trusted(publicKey, { hash: 'sha256' })]));
  });

  test('the salt may have any length', () => {
    const key = sharedKey('rsa-2048');
    for (const saltLength of [0, 20, 32, constants.RSA_PSS_SALTLEN_MAX_SIGN]) {
      const options = { key: key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
      const text = sign('sha256', payload, options).toString('base64');
      const layer = layerCandidate(payload, { 'dev.cosignproject.cosign/signature': text });
      expectVerified(layer, signerOf([trusted(key)]));
    }
  });
});

suite('keys that cannot verify', () => {
  const candidate = legacyCandidate(sharedKey());
  const pairs = {
    'RSA of 1024 bits': () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey,
    'RSA-PSS of 1024 bits': () => generateKeyPairSync('rsa-pss', { modulusLength: 1024 }).publicKey,
    secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
    Ed448: () => generateKeyPairSync('ed448').publicKey,
    X25519: () => generateKeyPairSync('x25519').publicKey,
  };
  for (const [what, make] of Object.entries(pairs)) {
    test(`${what} has no algorithm`, () => {
      const key = trusted(make());
      assert.deepEqual(algorithmsOf(key), []);
      expectCode('ALGORITHM_UNSUPPORTED', candidate, signerOf([key]));
    });
  }

  test('Ed25519 with a hash other than SHA-512', () => {
    const key = sharedKey('ed25519');
    const signer = signerOf([trusted(key, { hash: 'sha256' })]);
    expectCode('ALGORITHM_UNSUPPORTED', legacyCandidate(key), signer);
  });
});

suite('ECDSA signatures are DER, in its one form', () => {
  const key = sharedKey();
  const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
  const der = sign('sha256', payload, key.privateKey);
  const forms = {
    'r and s side by side': sign('sha256', payload, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }),
    'a byte after the end': Buffer.concat([der, Buffer.of(0)]),
    'a long form of the length': Buffer.concat([Buffer.of(0x30, 0x81), der.subarray(1)]),
    'cut short': der.subarray(0, -1),
  };
  for (const [what, signature] of Object.entries(forms)) {
    test(`${what} is refused`, () => {
      const annotations = { 'dev.cosignproject.cosign/signature': signature.toString('base64') };
      expectCode('SIGNATURE_INVALID', layerCandidate(payload, annotations), signerOf([trusted(key)]));
    });
  }
});

suite('message signatures, of which only the digest is known', () => {
  const rows: [TestKeyKind, 'sha256' | 'sha512', HashName | undefined, string][] = [
    ['ecdsa-p256', 'sha256', undefined, 'ecdsa-sha2-256-nistp256'],
    ['ecdsa-p384', 'sha256', undefined, 'ecdsa-sha2-256-nistp384'],
    ['ecdsa-p521', 'sha256', undefined, 'ecdsa-sha2-256-nistp521'],
    ['ecdsa-p521', 'sha512', undefined, 'ecdsa-sha2-512-nistp521'],
    ['ecdsa-p256', 'sha512', 'sha512', 'ecdsa-sha2-512-nistp256'],
    ['rsa-2048', 'sha256', undefined, 'rsa-sign-pkcs1-2048-sha256'],
    ['rsa-3072', 'sha512', 'sha512', 'rsa-sign-pkcs1-3072-sha512'],
  ];
  for (const [kind, name, policy, algorithm] of rows) {
    test(`${algorithm} over the ${name} digest of the image`, () => {
      const key = sharedKey(kind);
      const signer = signerOf([trusted(key, policy && { hash: policy })]);
      const image = imageAt('registry.example/acme/web', digestOf(MANIFEST, name));
      const candidate = bundleCandidate(key, { message: MANIFEST, hash: name });
      assert.equal(expectVerified(candidate, signer, image).algorithm, algorithm);
      const elsewhere = bundleCandidate(sharedKey(kind, 'other'), { message: MANIFEST, hash: name });
      expectCode('SIGNATURE_INVALID', elsewhere, signer, image);
    });
  }

  const unsupported: [string, TestKeyKind, SignatureOptions, HashName | undefined][] = [
    ['Ed25519, which signs no digest', 'ed25519', { hash: 'sha256', ed25519: 'pure' }, undefined],
    ['Ed25519ph, whose digest is SHA-512', 'ed25519', { hash: 'sha256', ed25519: 'ph' }, undefined],
    ['a digest of SHA-384', 'ecdsa-p384', { hash: 'sha384' }, undefined],
    ['a digest of SHA-512', 'ecdsa-p521', { hash: 'sha512' }, undefined],
    ["a hash in the policy that is not the digest's", 'ecdsa-p256', { hash: 'sha256' }, 'sha384'],
  ];
  for (const [what, kind, how, policy] of unsupported) {
    test(`${what}: unsupported`, () => {
      const key = sharedKey(kind);
      const signer = signerOf([trusted(key, policy && { hash: policy })]);
      expectCode('ALGORITHM_UNSUPPORTED', bundleCandidate(key, { message: MANIFEST, ...how }), signer);
    });
  }

  test('RSA-PSS over a digest is never verified', () => {
    const key = sharedKey('rsa-2048');
    const candidate = bundleCandidate(key, { message: MANIFEST, scheme: 'pss', hash: 'sha256' });
    expectCode('SIGNATURE_INVALID', candidate, signerOf([trusted(key)]));
    const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    expectCode('ALGORITHM_UNSUPPORTED', candidate, signerOf([trusted(publicKey)]));
  });
});

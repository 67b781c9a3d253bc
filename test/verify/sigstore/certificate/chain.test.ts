// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import * as der from '../../../../src/certificate/der.ts';
import { parseCertificate } from '../../../../src/certificate/x509.ts';
import { LIMITS } from '../../../../src/limits.ts';
import { authoritiesAt, verifyChain } from '../../../../src/verify/sigstore/certificate/chain.ts';
import {
  basicConstraints,
  type CertificateParts,
  CODE_SIGNING,
  DIGITAL_SIGNATURE,
  extendedKeyUsages,
  extension,
  KEY_CERT_SIGN,
  NOT_AFTER,
  NOT_BEFORE,
} from '../../../support/certificates.ts';
import { makeAuthority, makeLeaf } from '../../../support/issue-certificates.ts';
import { authorityOf, rootWith, vectorLeaf, vectorRoot } from '../../../support/trust-root-vectors.ts';
import { skipWithoutVectors as skip } from '../../../support/vectors.ts';

const untrusted = { code: 'CERTIFICATE_UNTRUSTED' };
const root = makeAuthority('root');
const issuing = makeAuthority('issuing', { issuer: root });
const authority = authorityOf([issuing.certificate, root.certificate]);
const trust = rootWith([authority]);
const keyId = (...bytes: number[]) =>
  extension('2.5.29.35', der.sequence(der.implicit(0, Buffer.of(...bytes))));
const ownKeyId = (...bytes: number[]) => extension('2.5.29.14', der.octetString(Buffer.of(...bytes)));

suite('verifyChain', () => {
  test('gives the authorities that issued the certificate, and remembers them', () => {
    const leaf = makeLeaf(issuing).certificate;
    const found = verifyChain(leaf, trust);
    assert.deepEqual(found, [authority]);
    assert.equal(verifyChain(parseCertificate(leaf.der), trust), found);
    assert.deepEqual(verifyChain(leaf, rootWith([authorityOf([root.certificate]), authority])), [authority]);
  });

  const LEAVES: Readonly<Record<string, CertificateParts>> = {
    'no extended key usage': { extensions: [DIGITAL_SIGNATURE] },
    'another extended key usage': { extensions: [extendedKeyUsages('1.3.6.1.5.5.7.3.1')] },
    'any extended key usage only': { extensions: [extendedKeyUsages('2.5.29.37.0')] },
    'an authority': { extensions: [basicConstraints(true), CODE_SIGNING] },
    'a key usage that is not for signatures': { extensions: [KEY_CERT_SIGN, CODE_SIGNING] },
    'a key usage that goes with timestamps only': {
      extensions: [extension('2.5.29.15', der.bitString(Buffer.of(0x40), 6), true), CODE_SIGNING],
    },
    'a precertificate': {
      extensions: [CODE_SIGNING, extension('1.3.6.1.4.1.11129.2.4.3', Buffer.of(5, 0), true)],
    },
    'something critical that nobody knows': {
      extensions: [CODE_SIGNING, extension('1.2.3', Buffer.of(5, 0), true)],
    },
    'an algorithm that the key does not have': {
      algorithm: { der: der.sequence(der.oid('1.2.840.113549.1.1.11')), hash: 'sha256' },
    },
    'SHA-1': { algorithm: { der: der.sequence(der.oid('1.2.840.10045.4.1')), hash: 'sha1' } },
    'another hash than it says': {
      algorithm: { der: der.sequence(der.oid('1.2.840.10045.4.3.3')), hash: 'sha256' },
    },
  };
  for (const [what, parts] of Object.entries(LEAVES)) {
    test(`refuses a leaf with ${what}`, () => {
      assert.throws(() => verifyChain(makeLeaf(issuing, parts).certificate, trust), untrusted);
    });
  }

  test('refuses a leaf of somebody else of the same name, and one whose last bit is another', () => {
    const namesake = makeAuthority('issuing', { issuer: root });
    const saying = (message: RegExp) => ({ ...untrusted, message });
    const same = saying(
      /issued by another \("CN=issuing"\), wanted .*; the one of that name there did not issue it$/,
    );
    assert.throws(() => verifyChain(makeLeaf(namesake).certificate, trust), same);
    const other = saying(
      /issued by another \("CN=other"\), wanted one by an authority of the trust root "[^;]*$/,
    );
    assert.throws(() => verifyChain(makeLeaf(makeAuthority('other')).certificate, trust), other);
    const bytes = Buffer.from(makeLeaf(issuing).certificate.der);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    assert.throws(() => verifyChain(parseCertificate(bytes), trust), untrusted);
  });

  test('refuses the right key under another name, and a name with another key identifier', () => {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const extensions = [basicConstraints(true), KEY_CERT_SIGN, ownKeyId(1)];
    const signer = makeAuthority('one', { keys, extensions });
    const other = rootWith([authorityOf([makeAuthority('two', { keys, extensions }).certificate])]);
    assert.throws(() => verifyChain(makeLeaf(signer).certificate, other), untrusted);
    const own = rootWith([authorityOf([signer.certificate])]);
    const leafWith = (id: Buffer) => makeLeaf(signer, { extensions: [CODE_SIGNING, id] }).certificate;
    assert.equal(verifyChain(leafWith(keyId(1)), own).length, 1);
    assert.throws(() => verifyChain(leafWith(keyId(2)), own), untrusted);
  });

  const KEYS = {
    'P-384': [generateKeyPairSync('ec', { namedCurve: 'P-384' }), '1.2.840.10045.4.3.3', 'sha384'],
    'P-521': [generateKeyPairSync('ec', { namedCurve: 'P-521' }), '1.2.840.10045.4.3.4', 'sha512'],
    'RSA-2048': [generateKeyPairSync('rsa', { modulusLength: 2048 }), '1.2.840.113549.1.1.11', 'sha256'],
    Ed25519: [generateKeyPairSync('ed25519'), '1.3.101.112', null],
  } as const;
  for (const [what, [keys, id, hash]] of Object.entries(KEYS)) {
    test(`takes the signature of an authority with ${what}`, () => {
      const algorithm = { der: der.sequence(der.oid(id)), hash };
      const own = makeAuthority('own', { keys, algorithm });
      const { certificate } = makeLeaf(own, { algorithm });
      assert.equal(verifyChain(certificate, rootWith([authorityOf([own.certificate])])).length, 1);
    });
  }

  test('refuses RSA keys of 1024 bits, and curves of others', () => {
    for (const keys of [
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    ]) {
      const id = keys.publicKey.asymmetricKeyType === 'rsa' ? '1.2.840.113549.1.1.11' : '1.2.840.10045.4.3.2';
      const algorithm = { der: der.sequence(der.oid(id)), hash: 'sha256' };
      const own = makeAuthority('own', { keys, algorithm });
      const { certificate } = makeLeaf(own, { algorithm });
      assert.throws(() => verifyChain(certificate, rootWith([authorityOf([own.certificate])])), untrusted);
    }
  });
});

suite('intermediates beside the signature', () => {
  const rootOnly = rootWith([authorityOf([root.certificate])]);
  const below = makeAuthority('below', { issuer: issuing });
  const leaf = makeLeaf(below).certificate;
  const beside = [below.certificate, issuing.certificate];

  test('lead from the leaf to the root of a PKI, in any order', () => {
    const expected = [...beside, root.certificate];
    for (const given of [beside, beside.toReversed(), [root.certificate, ...beside, leaf]]) {
      assert.deepEqual(verifyChain(leaf, rootOnly, given)[0]?.chain, expected);
    }
  });

  test('are part of what is remembered', () => {
    assert.equal(verifyChain(leaf, rootOnly, beside), verifyChain(leaf, rootOnly, beside));
    assert.throws(() => verifyChain(leaf, rootOnly), untrusted);
  });

  test('are kept once for all leaves below them', () => {
    const again = beside.map(({ der: bytes }) => parseCertificate(bytes));
    const [first] = verifyChain(leaf, rootOnly, beside);
    assert.equal(verifyChain(makeLeaf(below).certificate, rootOnly, again)[0], first);
  });

  test('do not bring a root of their own', () => {
    const foreign = makeAuthority('root');
    const bought = makeAuthority('issuing', { issuer: foreign });
    const given = [bought.certificate, foreign.certificate];
    assert.throws(() => verifyChain(makeLeaf(bought).certificate, rootOnly, given), untrusted);
    assert.throws(() => verifyChain(makeLeaf(foreign).certificate, rootOnly, given), untrusted);
  });

  test('are not looked at where the trust root has intermediates', () => {
    assert.throws(() => verifyChain(leaf, trust, beside), untrusted);
  });

  const BAD: Readonly<Record<string, CertificateParts>> = {
    'is no authority': { extensions: [CODE_SIGNING] },
    'may not sign certificates': { extensions: [basicConstraints(true), DIGITAL_SIGNATURE] },
    'is for timestamps': {
      extensions: [basicConstraints(true), KEY_CERT_SIGN, extendedKeyUsages('1.3.6.1.5.5.7.3.8')],
    },
    'has name constraints, which are not understood': {
      extensions: [basicConstraints(true), extension('2.5.29.30', der.sequence(), true)],
    },
    'has name constraints that a reader may leave out': {
      extensions: [basicConstraints(true), extension('2.5.29.30', der.sequence())],
    },
  };
  for (const [what, parts] of Object.entries(BAD)) {
    test(`refuses one that ${what}`, () => {
      const bad = makeAuthority('bad', { issuer: root, ...parts });
      assert.throws(() => verifyChain(makeLeaf(bad).certificate, rootOnly, [bad.certificate]), untrusted);
    });
  }

  test('keep to the length that those above allow', () => {
    const short = makeAuthority('short', { extensions: [basicConstraints(true, 1), KEY_CERT_SIGN] });
    const one = makeAuthority('one', { issuer: short });
    const two = makeAuthority('two', { issuer: one });
    const shortRoot = rootWith([authorityOf([short.certificate])]);
    const given = [one.certificate, two.certificate];
    assert.equal(verifyChain(makeLeaf(one).certificate, shortRoot, given).length, 1);
    assert.throws(() => verifyChain(makeLeaf(two).certificate, shortRoot, given), untrusted);
  });

  test('are looked at only so often: those of the right name and the wrong key use it up', () => {
    const decoys = Array.from({ length: LIMITS.intermediateSteps }, () => {
      const { certificate } = makeAuthority('decoy', { issuer: makeAuthority('root') });
      return certificate;
    });
    assert.equal(verifyChain(leaf, rootOnly, [...decoys.slice(2), ...beside]).length, 1);
    assert.throws(() => verifyChain(leaf, rootOnly, [...decoys.slice(1), ...beside]), untrusted);
  });

  test('are no more than allowed', () => {
    const many = Array.from({ length: LIMITS.bundleCertificates + 1 }, () => issuing.certificate);
    assert.throws(() => verifyChain(leaf, rootOnly, many), { code: 'LIMIT_EXCEEDED' });
  });
});

suite('authoritiesAt', () => {
  const notThen = { code: 'CERTIFICATE_NOT_VALID_THEN' };
  const leaf = makeLeaf(issuing).certificate;
  const at = (timeMs: number, ...authorities: (typeof authority)[]) =>
    authoritiesAt(leaf, authorities, timeMs);

  test('holds for the leaf from its first to its last second', () => {
    assert.deepEqual(at(NOT_BEFORE, authority), [authority]);
    assert.deepEqual(at(NOT_AFTER, authority), [authority]);
    for (const time of [NOT_BEFORE - 1, NOT_AFTER + 1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      assert.throws(() => at(time, authority), notThen);
    }
  });

  test('holds for the window of the authority, both ends included', () => {
    const within = authorityOf(authority.chain, { from: NOT_BEFORE + 10, until: NOT_BEFORE + 20 });
    assert.equal(at(NOT_BEFORE + 10, within).length, 1);
    assert.equal(at(NOT_BEFORE + 20, within).length, 1);
    assert.throws(() => at(NOT_BEFORE + 9, within), notThen);
    assert.throws(() => at(NOT_BEFORE + 21, within), notThen);
    assert.deepEqual(at(NOT_BEFORE, within, authority), [authority]);
    assert.throws(() => at(NOT_BEFORE), notThen);
  });

  test('holds for every certificate above', () => {
    const early = makeAuthority('root', { notAfter: NOT_BEFORE });
    const chained = authorityOf([issuing.certificate, early.certificate]);
    assert.equal(at(NOT_BEFORE, chained).length, 1);
    assert.throws(() => at(NOT_BEFORE + 1, chained), notThen);
  });
});

suite('real certificates', { skip }, () => {
  const publicGood = () => vectorRoot('trust', 'targets', 'trusted_root.json');
  const cases = (name: string) => ['conformance', name, 'bundle.sigstore.json'] as const;

  test('of the public-good instance', () => {
    const leaf = vectorLeaf(...cases('happy-path-v0.3'));
    const authorities = verifyChain(leaf, publicGood());
    assert.equal(authoritiesAt(leaf, authorities, leaf.notBefore).length, 1);
  });

  test('of a private instance, by its own root only', () => {
    const leaf = vectorLeaf('bundles-sigstore-go', 'bundles', 'othername.sigstore.json');
    const own = vectorRoot('bundles-sigstore-go', 'trusted-roots', 'scaffolding.json');
    assert.equal(verifyChain(leaf, own).length, 1);
    assert.throws(() => verifyChain(leaf, publicGood()), untrusted);
    assert.throws(
      () => verifyChain(vectorLeaf(...cases('bundle-from-wrong-instance_fail')), publicGood()),
      untrusted,
    );
  });
});

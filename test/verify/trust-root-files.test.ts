// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { encodePem } from '../../src/certificate/der.ts';
import { createTestSigstore } from '../../src/testing/index.ts';
import { trustRootOfFiles } from '../../src/verify/trust-root-files.ts';
import { AUTHORITY, holderOf, pemOf, purposes, TIME_STAMPING } from '../support/authorities.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

const root = holderOf('root', { extensions: AUTHORITY });
const issuer = holderOf('issuer', { issuer: root, extensions: AUTHORITY });
const tsa = holderOf('tsa', { issuer: root, extensions: [purposes(true, TIME_STAMPING)] });
const key = root.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const id = createHash('sha256')
  .update(root.publicKey.export({ format: 'der', type: 'spki' }))
  .digest('hex');

describe('PEM files', () => {
  test('give authorities and logs without an end', () => {
    const parsed = trustRootOfFiles('own', {
      certificateChain: pemOf(issuer, root),
      timestampChain: pemOf(tsa, root),
      rekorKeys: [key],
      ctKeys: [key, key],
    });
    const always = { from: 0, until: Number.POSITIVE_INFINITY };
    assert.equal(parsed.certificateAuthorities[0]?.chain.length, 2);
    assert.deepEqual(parsed.certificateAuthorities[0]?.window, always);
    assert.equal(parsed.timestampAuthorities[0]?.hasLeaf, true);
    assert.deepEqual([parsed.logs[0]?.id, parsed.logs[0]?.keyDetails], [id, '']);
    assert.equal(parsed.certificateLogs.length, 2);
    assert.match(parsed.fingerprint, /^sha256:/);
  });

  test('give a Rekor v2, which is known by its name too', () => {
    const sigstore = createTestSigstore({ name: 'corp.test' });
    const { v2 } = sigstore.logs;
    const pem = v2.key.publicKeyPem;
    const [named] = trustRootOfFiles('own', { rekorKeys: [{ pem, origin: v2.origin }] }).logs;
    assert.deepEqual([named?.id, named?.baseUrl], [v2.id.toString('hex'), v2.baseUrl]);
    const [unnamed] = trustRootOfFiles('own', { rekorKeys: [pem] }).logs;
    assert.notEqual(unnamed?.id, named?.id);
  });

  test('a root alone will do, and what is not given is not trusted', () => {
    const parsed = trustRootOfFiles('own', { certificateChain: pemOf(root) });
    assert.equal(parsed.certificateAuthorities[0]?.chain.length, 1);
    assert.deepEqual([parsed.logs, parsed.certificateLogs, parsed.timestampAuthorities], [[], [], []]);
  });

  test('of the public good', { skip: skipWithoutVectors }, () => {
    const read = (name: string) => readFileSync(vectorsPath('trust/targets', name), 'utf8');
    const parsed = trustRootOfFiles('public', {
      certificateChain: read('fulcio_intermediate_v1.crt.pem') + read('fulcio_v1.crt.pem'),
      rekorKeys: [read('rekor.pub')],
      ctKeys: [read('ctfe.pub'), read('ctfe_2022.pub')],
    });
    assert.equal(parsed.logs[0]?.id, 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d');
  });
});

describe('refused', () => {
  for (const [what, files, message] of [
    ['no PEM', { certificateChain: 'certificate' }, /certificateChain: found no certificate/],
    ['an empty file', { timestampChain: '\n' }, /timestampChain: empty/],
    ['a certificate that is cut', { certificateChain: pemOf(root).slice(0, -10) }, /certificateChain: /],
    ['DER that is none', { certificateChain: encodePem('CERTIFICATE', Buffer.of(1, 2)) }, /cannot be read/],
    ['a key among certificates', { certificateChain: pemOf(root) + key }, /something else/],
    [
      'a certificate as a key',
      { rekorKeys: [key, pemOf(root)] },
      /rekorKeys\[1\]: a certificate is not a key/,
    ],
    [
      'a chain in the other order',
      { certificateChain: pemOf(root, issuer) },
      /: certificateChain: certificate 1 of the chain was not issued by the one after it/,
    ],
    ['a chain for timestamps as one for code', { certificateChain: pemOf(tsa, root) }, /no authority/],
    ['a chain for timestamps that lacks a link', { timestampChain: pemOf(tsa, issuer) }, /not issued by/],
    [
      'two keys in one file',
      { rekorKeys: [key, { pem: key + key, file: '/trust/logs.pub' }] },
      /"own": rekorKeys\[1\] \(\/trust\/logs\.pub\): more than one PEM block; each key is an entry of its own: rekorKeys: \[\{ file: … \}, \{ file: … \}\]$/,
    ],
    [
      'a named file that is no key',
      { ctKeys: [{ pem: '', file: 'ct.pub' }] },
      /"own": ctKeys\[0\] \(ct\.pub\): not PEM/,
    ],
    [
      'a named chain in the other order',
      { certificateChain: { pem: pemOf(root, issuer), file: 'ca.pem' } },
      /"own": certificateChain \(ca\.pem\): certificate 1 of the chain/,
    ],
    [
      'a named chain for timestamps that lacks a link',
      { timestampChain: { pem: pemOf(tsa, issuer), file: 'tsa.pem' } },
      /"own": timestampChain \(tsa\.pem\): .*not issued by/,
    ],
    ['too many keys', { ctKeys: Array(257).fill(key) }, /ctKeys: 257 keys, at most 256/],
  ] as const) {
    test(what, () => {
      const code = 'TRUST_ROOT_INVALID';
      assert.throws(() => trustRootOfFiles('own', files), { name: 'CountersignError', code, message });
    });
  }
});

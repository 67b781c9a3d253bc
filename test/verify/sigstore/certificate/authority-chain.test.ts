// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as der from '../../../../src/certificate/der.ts';
import { verifyAuthorityChain } from '../../../../src/verify/sigstore/certificate/authority-chain.ts';
import {
  basicConstraints,
  extendedKeyUsages,
  extension,
  KEY_CERT_SIGN,
  type MadeCertificate,
} from '../../../support/certificates.ts';
import { makeAuthority, makeLeaf } from '../../../support/issue-certificates.ts';
import { vectorRoot, vectorTimestampChains } from '../../../support/trust-root-vectors.ts';
import { skipWithoutVectors as skip, vectorsPath } from '../../../support/vectors.ts';

const TIME_STAMPING = extendedKeyUsages('1.3.6.1.5.5.7.3.8');
const untrusted = { code: 'CERTIFICATE_UNTRUSTED' };
const root = makeAuthority('root');
const issuing = makeAuthority('issuing', { issuer: root });
const stamper = makeLeaf(issuing, { extensions: [TIME_STAMPING] });
const check = (purpose: 'codeSigning' | 'timeStamping', ...chain: readonly MadeCertificate[]) =>
  verifyAuthorityChain(
    chain.map(({ certificate }) => certificate),
    purpose,
  );

suite('verifyAuthorityChain', () => {
  test('takes what is signed link by link, with a root or without', () => {
    check('codeSigning', issuing, root);
    check('codeSigning', root);
    check('codeSigning', issuing);
    check('timeStamping', stamper, issuing, root);
    check('timeStamping', issuing, root);
  });

  test('takes a root that signed itself with SHA-1, and nothing below it that is signed so', () => {
    const algorithm = { der: der.sequence(der.oid('1.2.840.10045.4.1')), hash: 'sha1' };
    const old = makeAuthority('old', { algorithm });
    check('timeStamping', makeAuthority('issuing', { issuer: old }), old);
    check('codeSigning', makeAuthority('issuing', { issuer: old }), old);
    const weak = makeAuthority('issuing', { issuer: old, algorithm });
    assert.throws(() => check('timeStamping', weak, old), untrusted);
  });

  const usageOf = (bits: number) => extension('2.5.29.15', der.bitString(Buffer.of(bits)), true);
  const stamperFor = (bits: number) => makeLeaf(issuing, { extensions: [TIME_STAMPING, usageOf(bits)] });
  test('takes a leaf for timestamps whose key is for nonRepudiation alone', () => {
    check('timeStamping', stamperFor(0x40), issuing, root);
    check('timeStamping', stamperFor(0xc0), issuing, root);
  });

  const pretended = makeAuthority('root', { issuer: makeAuthority('root') });
  const narrow = makeAuthority('narrow', { extensions: [basicConstraints(true, 0), KEY_CERT_SIGN] });
  const timeOnly = makeAuthority('t', {
    issuer: root,
    extensions: [basicConstraints(true), KEY_CERT_SIGN, TIME_STAMPING],
  });
  const BAD: Readonly<Record<string, () => void>> = {
    'no certificate': () => check('codeSigning'),
    'a link that is missing': () => check('timeStamping', stamper, root),
    'the other order': () => check('codeSigning', root, issuing),
    'a root that says it signed itself, and did not': () => check('codeSigning', pretended),
    'a leaf for code signing': () => check('codeSigning', makeLeaf(issuing), issuing, root),
    'a leaf for timestamps that is for code signing': () =>
      check('timeStamping', makeLeaf(issuing), issuing, root),
    'a leaf for timestamps whose key is for encipherment': () =>
      check('timeStamping', stamperFor(0x20), issuing, root),
    'an authority for timestamps only, for code signing': () => check('codeSigning', timeOnly, root),
    'an authority below one that allows none': () =>
      check('codeSigning', makeAuthority('below', { issuer: narrow }), narrow),
  };
  for (const [what, attempt] of Object.entries(BAD)) {
    test(`refuses ${what}`, () => assert.throws(attempt, untrusted));
  }

  test('refuses a root whose key cannot be read', () => {
    const key = der.sequence(der.sequence(der.oid('1.2.3')), der.bitString(Buffer.of(1)));
    const change = (parts: Uint8Array[]) => parts.map((part, index) => (index === 6 ? key : part));
    const keyless = makeAuthority('root', { issuer: root, subject: 'keyless', change });
    assert.throws(() => check('codeSigning', keyless), { code: 'CERTIFICATE_MALFORMED' });
  });

  test('takes the authorities of every real trust root', { skip }, () => {
    const files = readdirSync(vectorsPath(), { recursive: true, encoding: 'utf8' }).filter(
      (file) => /trusted[-_]root\.json$/.test(file) || file.includes('trusted-roots/scaffolding'),
    );
    assert.ok(files.length > 10);
    for (const file of files) {
      for (const { chain } of vectorRoot(file).certificateAuthorities)
        verifyAuthorityChain(chain, 'codeSigning');
      for (const chain of vectorTimestampChains(file)) verifyAuthorityChain(chain, 'timeStamping');
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as der from '../../../../src/certificate/der.ts';
import { LIMITS } from '../../../../src/limits.ts';
import { readIdentity } from '../../../../src/verify/sigstore/certificate/read-identity.ts';
import { extension, makeCertificate, subjectAltNames, uri } from '../../../support/certificates.ts';
import { vectorLeaf } from '../../../support/trust-root-vectors.ts';
import { skipWithoutVectors as skip } from '../../../support/vectors.ts';

const FULCIO = '1.3.6.1.4.1.57264.1';
const email = (text: string) => der.implicit(1, Buffer.from(text));
const dns = (text: string) => der.implicit(2, Buffer.from(text));
const otherName = (id: string, value: Uint8Array) => der.explicit(0, der.oid(id), der.explicit(0, value));
const fulcioName = (text: string) => otherName(`${FULCIO}.7`, der.utf8String(text));
const raw = (arc: number, text: string) => extension(`${FULCIO}.${arc}`, Buffer.from(text));
const wrapped = (arc: number, text: string) => extension(`${FULCIO}.${arc}`, der.utf8String(text));

const identityOf = (...extensions: readonly Uint8Array[]) =>
  readIdentity(makeCertificate({ extensions }).certificate);
const subjectOf = (...names: readonly Uint8Array[]) => identityOf(subjectAltNames(...names)).subject;
const SUBJECT = subjectAltNames(uri('https://a.example'));

suite('the subject', () => {
  const address = der.implicit(7, Buffer.of(10, 0, 0, 1));
  const directory = der.explicit(4, der.sequence());
  const foreign = otherName('1.3.6.1.4.1.311.20.2.3', der.utf8String('alice@corp.example'));

  test('is the URI, else the e-mail address, else the otherName, else the DNS name', () => {
    const all = [dns('a.example'), fulcioName('ü!a'), email('a@a.example'), uri('https://a.example')];
    assert.deepEqual(subjectOf(...all), { kind: 'uri', value: 'https://a.example' });
    assert.deepEqual(subjectOf(...all.slice(0, 3)), { kind: 'email', value: 'a@a.example' });
    assert.deepEqual(subjectOf(...all.slice(0, 2)), { kind: 'otherName', value: 'ü!a' });
    assert.deepEqual(subjectOf(...all.slice(0, 1)), { kind: 'dns', value: 'a.example' });
    assert.deepEqual(subjectOf(address, directory, foreign, email('a@a')), { kind: 'email', value: 'a@a' });
    assert.deepEqual(subjectOf(email('a@a'), email('a@a')), { kind: 'email', value: 'a@a' });
  });

  const BAD: Readonly<Record<string, readonly Uint8Array[]>> = {
    'no name': [],
    'names of other kinds only': [address, directory, foreign],
    'two URIs': [uri('https://a.example'), uri('https://b.example')],
    'an empty name': [uri('')],
    'a NUL': [email('alice@a.example\0@b.example')],
    'a control character in a name that is not preferred': [uri('https://a.example'), dns('a\n')],
    'a name that is not ASCII': [uri('https://ä.example')],
    'DEL, which does not show': [uri('https://a\x7f')],
    'an otherName that is not UTF-8': [otherName(`${FULCIO}.7`, Buffer.of(0x0c, 1, 0xff))],
    'an otherName of another type': [otherName(`${FULCIO}.7`, der.octetString(Buffer.from('a')))],
    'an otherName with a second value': [
      der.explicit(0, der.oid(`${FULCIO}.7`), der.explicit(0, der.utf8String('a'), der.utf8String('b'))),
    ],
    'an otherName without a value': [der.explicit(0, der.oid(`${FULCIO}.7`))],
  };
  for (const [what, names] of Object.entries(BAD)) {
    test(`is not read from a certificate with ${what}`, () => {
      assert.throws(() => subjectOf(...names), { code: 'CERTIFICATE_MALFORMED' });
    });
  }

  test('is not read from a certificate without the extension, or with too many names', () => {
    assert.throws(() => identityOf(), { code: 'CERTIFICATE_MALFORMED' });
    const many = Array.from({ length: LIMITS.subjectAltNames + 1 }, () => email('a@a'));
    assert.throws(() => subjectOf(...many), { code: 'LIMIT_EXCEEDED' });
  });
});

suite('the issuer', () => {
  const issuerOf = (...extensions: readonly Uint8Array[]) => identityOf(SUBJECT, ...extensions).issuer;

  test('is the newer extension, else the older one, else empty', () => {
    assert.equal(issuerOf(raw(1, 'https://i.example'), wrapped(8, 'https://i.example')), 'https://i.example');
    assert.equal(issuerOf(wrapped(8, 'https://new.example')), 'https://new.example');
    assert.equal(issuerOf(raw(1, 'https://old.example')), 'https://old.example');
    assert.equal(issuerOf(), '');
  });

  for (const [what, extensions] of Object.entries({
    'two that differ': [raw(1, 'https://a.example'), wrapped(8, 'https://b.example')],
    'an empty newer one beside the older': [raw(1, 'https://a.example'), wrapped(8, '')],
    'text where DER must be': [raw(8, 'https://a.example')],
    'a control character': [raw(1, 'https://a.example\0')],
    'bytes that are not UTF-8': [extension(`${FULCIO}.1`, Buffer.of(0xc3, 0x28))],
  })) {
    test(`is not read from ${what}`, () => {
      assert.throws(() => issuerOf(...extensions), { code: 'CERTIFICATE_MALFORMED' });
    });
  }
});

suite('claims', () => {
  test('are read by their documented names, as text up to 6 and as DER from 8 on', () => {
    const { claims } = identityOf(SUBJECT, raw(5, 'acme/app'), wrapped(14, 'refs/heads/main'), raw(99, '?'));
    assert.deepEqual(claims, {
      githubWorkflowRepository: 'acme/app',
      sourceRepositoryRef: 'refs/heads/main',
    });
  });

  test('of the wrong form are refused', () => {
    for (const one of [raw(14, 'refs/heads/main'), extension(`${FULCIO}.3`, Buffer.of(0xff))]) {
      assert.throws(() => identityOf(SUBJECT, one), { code: 'CERTIFICATE_MALFORMED' });
    }
  });

  test('of real certificates', { skip }, () => {
    const other = readIdentity(vectorLeaf('bundles-sigstore-go', 'bundles', 'othername.sigstore.json'));
    assert.deepEqual(other.subject, { kind: 'otherName', value: 'foo!oidc.local' });
    assert.equal(other.issuer, 'http://oidc.local:8080');
    const github = readIdentity(vectorLeaf('local-sigstore', 'github-keyless-sct.bundle.json'));
    const workflow = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
    assert.deepEqual(github.subject, { kind: 'uri', value: workflow });
    assert.equal(github.claims.sourceRepositoryURI, 'https://github.com/acme/app');
    const person = readIdentity(vectorLeaf('bundles-sigstore-js', 'bundleV03-dsse.sigstore'));
    assert.deepEqual(person.subject, { kind: 'email', value: 'brian@dehamer.com' });
  });
});

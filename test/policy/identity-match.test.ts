// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { describeSigner } from '../../src/policy/describe-signer.ts';
import { type CertificateIdentity, identityMismatch } from '../../src/policy/index.ts';
import { keylessSignerOf } from '../support/keyless.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
const KEYLESS = `{
  issuer: ${GITHUB},
  subject: "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main",
  claims: { sourceRepositoryOwner: https://github.com/acme, runnerEnvironment: github-hosted },
  claimsRegexp: { githubWorkflowTrigger: "push|workflow_dispatch" }
}`;

const IDENTITY: CertificateIdentity = {
  issuer: GITHUB,
  subject: { kind: 'uri', value: WORKFLOW },
  claims: {
    sourceRepositoryOwnerURI: 'https://github.com/acme',
    runnerEnvironment: 'github-hosted',
    githubWorkflowTrigger: 'push',
  },
};

const claims = (changed: CertificateIdentity['claims']) => ({
  ...IDENTITY,
  claims: { ...IDENTITY.claims, ...changed },
});

test('the identity that the policy means', () => {
  assert.equal(identityMismatch(keylessSignerOf(KEYLESS), IDENTITY), undefined);
});

const FOREIGN: readonly (readonly [name: string, identity: CertificateIdentity, message: RegExp])[] = [
  [
    'another issuer',
    { ...IDENTITY, issuer: `${GITHUB}.evil.example` },
    /found the issuer ".*evil\.example".*; wanted "https:\/\/token/,
  ],
  ['an issuer below it', { ...IDENTITY, issuer: `${GITHUB}/evil` }, /found the issuer/],
  ['no issuer', { ...IDENTITY, issuer: '' }, /without an issuer; wanted/],
  [
    'an e-mail address in place of a URI',
    { ...IDENTITY, subject: { kind: 'email', value: WORKFLOW } },
    /found the e-mail address ".*" as subject \(which is no URI\); wanted/,
  ],
  [
    'another repository',
    { ...IDENTITY, subject: { kind: 'uri', value: WORKFLOW.replace('acme', 'acme-evil') } },
    /found the URI "https:\/\/github\.com\/acme-evil\/.*" as subject; wanted "https:\/\/github\.com\/acme\/\*/,
  ],
  [
    'a foreign caller of the workflow',
    claims({ sourceRepositoryOwnerURI: 'https://github.com/evil' }),
    /found the sourceRepositoryOwnerURI "https:\/\/github\.com\/evil" .*; wanted "https:\/\/github\.com\/acme"/,
  ],
  ['no such claim', { ...IDENTITY, claims: {} }, /found no sourceRepositoryOwnerURI .*; wanted/],
  [
    'a claim by regular expression',
    claims({ githubWorkflowTrigger: 'pushed' }),
    /wanted what matches, as a whole, the regular expression "push\|workflow_dispatch"/,
  ],
  [
    'line breaks do not reach the message',
    { ...IDENTITY, subject: { kind: 'uri', value: 'https://evil\nverified' } },
    /"https:\/\/evil\\nverified"/,
  ],
];

for (const [name, identity, message] of FOREIGN) {
  test(name, () => assert.match(identityMismatch(keylessSignerOf(KEYLESS), identity) ?? '', message));
}

test('two workflows with a long name that differ in their ref do not read the same', () => {
  const workflow = `https://github.com/acme/${'a-repository-with-a-long-name-'.repeat(3)}/.github/workflows/release.yaml`;
  const signer = keylessSignerOf(`{ issuer: ${IDENTITY.issuer}, subject: "${workflow}@refs/heads/main" }`);
  const subject = { ...IDENTITY.subject, value: `${workflow}@refs/heads/dev` };
  const message = identityMismatch(signer, { ...IDENTITY, subject }) ?? '';
  for (const ref of ['main', 'dev']) assert.ok(message.includes(`"${workflow}@refs/heads/${ref}"`), message);
});

test('an issuer that is missing is nobody, whatever the regular expression takes', () => {
  const signer = keylessSignerOf('{ issuerRegexp: ".*", unsafeAnySubject: true }');
  assert.match(identityMismatch(signer, { ...IDENTITY, issuer: '' }) ?? '', /without an issuer/);
  assert.equal(identityMismatch(signer, IDENTITY), undefined);
});

suite('issuer: none', () => {
  const signer = keylessSignerOf('{ issuer: none, subject: kim@acme.example }');
  const kim: CertificateIdentity = {
    issuer: '',
    subject: { kind: 'email', value: 'kim@acme.example' },
    claims: {},
  };

  test('is a certificate that names no issuer, of the subject alone', () => {
    assert.equal(identityMismatch(signer, kim), undefined);
    const other = { ...kim, subject: { kind: 'email', value: 'eve@acme.example' } } as const;
    assert.match(identityMismatch(signer, other) ?? '', /found the e-mail address "eve@/);
  });

  for (const issuer of [GITHUB, 'none', ' ']) {
    test(`is no certificate by the word of "${issuer}"`, () => {
      assert.match(identityMismatch(signer, { ...kim, issuer }) ?? '', /found the issuer .*; wanted none/);
    });
  }

  test('is told in words', () => {
    assert.match(describeSigner(signer), /"kim@acme\.example" of issuer none/);
  });

  test('is not a text that only reads so', () => {
    const literal = { ...signer, issuer: { text: 'none', matches: (issuer: string) => issuer === 'none' } };
    assert.match(
      identityMismatch(literal, kim) ?? '',
      /found a certificate without an issuer; wanted "none"/,
    );
    assert.equal(identityMismatch(literal, { ...kim, issuer: 'none' }), undefined);
  });

  test('is no regular expression', () => {
    const written = keylessSignerOf('{ issuerRegexp: none, subject: kim@acme.example }');
    assert.match(identityMismatch(written, kim) ?? '', /found a certificate without an issuer/);
    assert.equal(identityMismatch(written, { ...kim, issuer: 'none' }), undefined);
  });
});

test('a name that every object has is no claim', () => {
  const signer = keylessSignerOf(KEYLESS);
  const inherited = Object.create(IDENTITY.claims) as CertificateIdentity['claims'];
  assert.match(identityMismatch(signer, { ...IDENTITY, claims: inherited }) ?? '', /found no/);
});

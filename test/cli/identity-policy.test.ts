// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentityOptions } from '../../src/cli/identity-options.ts';
import { identityPolicy } from '../../src/cli/identity-policy.ts';
import { type CertificateIdentity, identityMismatch, type KeylessSigner } from '../../src/policy/index.ts';

const ISSUER = 'https://i.example';
const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

function signerOf(options: IdentityOptions): KeylessSigner {
  const signer = identityPolicy(options).signers.get('identity');
  assert.ok(signer?.kind === 'keyless');
  return signer;
}

function identityOf(value: string, kind: CertificateIdentity['subject']['kind']): CertificateIdentity {
  return { issuer: ISSUER, subject: { kind, value }, claims: { githubWorkflowRepository: 'acme/app' } };
}

/** An identity on the command line, of which kind it is, and what an imitation would be. */
const LITERAL: readonly (readonly [string, CertificateIdentity['subject']['kind'], string])[] = [
  [WORKFLOW, 'uri', `${WORKFLOW}2`],
  ['https://github.com/acme/**', 'uri', 'https://github.com/acme/app'],
  ['jane@acme.example', 'email', 'jane@acme-example'],
  ['*@acme.example', 'email', 'jane@acme.example'],
  ['a@b@c', 'email', 'a@b'],
  ['urn:acme:release.bot', 'uri', 'urn:acme:release-bot'],
  ['robot!acme.example', 'otherName', 'robot!acmeXexample'],
  ['path/of.another+kind', 'otherName', 'path/offanotherrkind'],
  ['Jane Doe (build)', 'otherName', 'Jane Doe build'],
];

for (const [text, kind, imitation] of LITERAL) {
  test(`--certificate-identity ${text} stands for itself`, () => {
    const signer = signerOf({ certificateIdentity: text, certificateOidcIssuer: ISSUER });
    assert.equal(identityMismatch(signer, identityOf(text, kind)), undefined);
    assert.match(identityMismatch(signer, identityOf(imitation, kind)) ?? '', /wanted/);
  });
}

test('a denial shows what was written, not what it was made into', () => {
  const options = { certificateIdentity: '*@acme.example', certificateOidcIssuer: ISSUER };
  assert.equal(
    identityMismatch(signerOf(options), identityOf('jane@acme.example', 'email')),
    'found the e-mail address "jane@acme.example" as subject; wanted "*@acme.example" to the letter, since * is no wildcard here',
  );
  const named = signerOf({ ...options, certificateIdentity: 'Jane Doe (build)' });
  assert.equal(
    identityMismatch(named, identityOf('Jane Doe', 'otherName')),
    'found the otherName "Jane Doe" as subject; wanted "Jane Doe (build)"',
  );
  const claimed = { certificateIdentity: 'jane@acme.example', certificateGithubWorkflowRepository: 'acme/*' };
  assert.match(
    identityMismatch(signerOf({ ...options, ...claimed }), identityOf('jane@acme.example', 'email')) ?? '',
    /wanted "acme\/\*" to the letter, /,
  );
});

test('an issuer with a wildcard stands for itself too', () => {
  const signer = signerOf({ certificateIdentity: 'a@b', certificateOidcIssuer: 'https://*.example' });
  assert.ok(signer.issuer.matches('https://*.example') && !signer.issuer.matches('https://i.example'));
});

test('regular expressions match the whole text, and beside a text both match', () => {
  const regexp = { certificateIdentityRegexp: 'a|b', certificateOidcIssuerRegexp: 'https://[a-z]\\.example' };
  const signer = signerOf(regexp);
  assert.ok(signer.subject.matches('a') && !signer.subject.matches('ab'));
  assert.ok(signer.issuer.matches(ISSUER) && !signer.issuer.matches(`${ISSUER}.evil`));
  const both = signerOf({ ...regexp, certificateIdentity: 'a', certificateOidcIssuer: ISSUER });
  assert.ok(both.subject.matches('a') && !both.subject.matches('b'));
});

test('claims of GitHub, exactly', () => {
  const signer = signerOf({
    certificateIdentity: WORKFLOW,
    certificateOidcIssuer: ISSUER,
    certificateGithubWorkflowRepository: 'acme/*',
    certificateGithubWorkflowTrigger: 'push',
    certificateGithubWorkflowSha: 'ab12',
    certificateGithubWorkflowName: 'Release of *',
    certificateGithubWorkflowRef: 'refs/heads/main',
  });
  const test = (name: string) => signer.claims.find((claim) => claim.name === name);
  assert.equal(signer.claims.length, 5);
  assert.ok(test('githubWorkflowRepository')?.matches('acme/*'));
  assert.ok(!test('githubWorkflowRepository')?.matches('acme/app'));
  assert.ok(test('githubWorkflowName')?.matches('Release of *'));
  assert.ok(
    test('githubWorkflowSHA')?.matches('ab12') && test('githubWorkflowRef')?.matches('refs/heads/main'),
  );
});

const WHO = { certificateIdentity: 'a@b', certificateOidcIssuer: ISSUER };
const DEMANDS: readonly (readonly [IdentityOptions, readonly [number, number, number, boolean]])[] = [
  [{}, [1, 0, 1, false]],
  [{ useSignedTimestamps: true }, [1, 1, 1, false]],
  [{ insecureIgnoreTlog: true }, [0, 0, 1, true]],
  [{ insecureIgnoreTlog: true, useSignedTimestamps: true, insecureIgnoreSct: true }, [0, 1, 0, false]],
];

for (const [options, [logEntries, timestamps, scts, unsafeNoTime]] of DEMANDS) {
  test(`demands with ${JSON.stringify(options)}`, () => {
    assert.deepEqual(signerOf({ ...WHO, ...options }).demands, {
      logEntries,
      timestamps,
      scts,
      unsafeNoTime,
    });
  });
}

test('annotations go with an identity', () => {
  const signer = identityPolicy(WHO, { env: 'prod' }).signers.get('identity');
  assert.deepEqual(signer?.annotations, { env: 'prod' });
});

const WRONG: readonly (readonly [IdentityOptions, RegExp])[] = [
  [{ certificateIdentity: 'a@b' }, /^--certificate-identity: an identity needs --certificate-oidc-issuer or/],
  [
    { certificateOidcIssuer: ISSUER },
    /needs --certificate-identity or --certificate-identity-regexp as well/,
  ],
  [{ insecureIgnoreTlog: true }, /^--insecure-ignore-tlog: an identity needs/],
  [{ certificateIdentity: '', certificateOidcIssuer: ISSUER }, /^--certificate-identity: empty/],
  [{ ...WHO, certificateGithubWorkflowRef: '' }, /^--certificate-github-workflow-ref: empty/],
  [
    { ...WHO, certificateIdentityRegexp: '(' },
    /^--certificate-identity-regexp: found "\(": not a regular expression in RE2/,
  ],
  [
    { ...WHO, certificateIdentityRegexp: 'c@.*' },
    /does not match --certificate-identity "a@b": nothing ever matches both/,
  ],
  [{ ...WHO, certificateOidcIssuerRegexp: 'x' }, /^--certificate-oidc-issuer-regexp does not match/],
  [{ ...WHO, certificateIdentity: '*'.repeat(2000) }, /longer than 1024/],
];

for (const [options, message] of WRONG) {
  test(`refused: ${JSON.stringify(options).slice(0, 100)}`, () => {
    assert.throws(() => identityPolicy(options), { code: 'USAGE', message });
  });
}

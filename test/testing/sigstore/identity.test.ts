// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { parseCertificate } from '../../../src/certificate/x509.ts';
import { createTestSigstore, githubIdentity, type TestIdentity } from '../../../src/testing/index.ts';
import { readIdentity } from '../../../src/verify/sigstore/certificate/read-identity.ts';
import { trustRootOfFiles } from '../../../src/verify/trust-root-files.ts';
import { parseTrustRoot } from '../../../src/verify/trust-root-json.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const sigstore = createTestSigstore({ now: NOW });
const issuer = 'https://accounts.example.com';

const SUBJECTS: readonly (readonly [TestIdentity['subject'], string, string])[] = [
  ['https://github.com/acme/web/x@refs/heads/main', 'uri', 'https://github.com/acme/web/x@refs/heads/main'],
  ['ann@acme.example', 'email', 'ann@acme.example'],
  ['build.acme.example', 'dns', 'build.acme.example'],
  [{ kind: 'otherName', value: 'ann!build' }, 'otherName', 'ann!build'],
];

for (const [subject, kind, value] of SUBJECTS) {
  test(`a certificate for ${value} says so`, () => {
    const { certificate } = sigstore.issue({ issuer, subject });
    const identity = readIdentity(parseCertificate(certificate));
    assert.deepEqual({ ...identity.subject }, { kind, value });
    assert.equal(identity.issuer, issuer);
  });
}

test('every claim of a GitHub workflow stands in the certificate', () => {
  const github = githubIdentity('acme/web', { workflow: 'build.yml', ref: 'refs/tags/v1' });
  const identity = readIdentity(parseCertificate(sigstore.issue(github).certificate));
  assert.deepEqual({ ...identity.claims }, github.claims);
  assert.equal(identity.claims.githubWorkflowSHA?.length, 40);
});

test('the issuer can be said by the old extension alone, or by the new one', () => {
  for (const arc of [1, 8] as const) {
    const { certificate } = sigstore.issue({ issuer, subject: 'a@b.example', issuerExtensions: [arc] });
    assert.equal(readIdentity(parseCertificate(certificate)).issuer, issuer);
  }
});

test('a certificate lives ten minutes, and its chain leads to the root', () => {
  const { certificate, chain } = sigstore.issue(githubIdentity('acme/web'));
  const [leaf, ...issuers] = [certificate, ...chain].map((der) => new X509Certificate(der));
  assert.equal(issuers.length, 2);
  assert.equal(Date.parse(leaf?.validTo ?? '') - Date.parse(leaf?.validFrom ?? ''), 600_000);
  assert.equal(leaf?.subject, undefined);
  for (const [at, one] of [leaf, ...issuers].entries()) {
    const above = issuers[Math.min(at, issuers.length - 1)];
    assert.ok(above && one?.checkIssued(above) && one.verify(above.publicKey), `certificate ${at}`);
  }
});

test('the trust root is one that Countersign reads, as JSON and as files', () => {
  const root = parseTrustRoot('test', sigstore.trustedRoot());
  assert.deepEqual(
    [root.certificateAuthorities, root.certificateLogs, root.logs, root.timestampAuthorities].map(
      (list) => list.length,
    ),
    [1, 1, 2, 1],
  );
  assert.deepEqual(
    root.logs.map(({ id }) => id),
    [sigstore.logs.v1.id.toString('hex'), sigstore.logs.v2.id.toString('hex')],
  );
  assert.equal(root.timestampAuthorities[0]?.hasLeaf, true);
  const leafless = parseTrustRoot('test', sigstore.trustedRoot({ timestampLeaf: false, logs: ['v1'] }));
  assert.equal(leafless.timestampAuthorities[0]?.hasLeaf, false);
  assert.equal(leafless.logs.length, 1);
  assert.equal(trustRootOfFiles('test', sigstore.pems()).certificateLogs.length, 1);
});

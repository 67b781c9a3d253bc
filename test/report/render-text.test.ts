// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ImageReport, renderText } from '../../src/report/index.ts';
import {
  DIGEST,
  GITHUB,
  inconclusiveImage,
  keylessImage,
  letThrough,
  rejectedImage,
  reportWith,
  verifiedImage,
  WORKFLOW,
} from './reports.ts';

const textOf = (...images: ImageReport[]) => renderText(reportWith(...images), { color: false });
const block = (...lines: string[]) => `${lines.join('\n')}\n`;

test('a verified image: digest, rule, signers', () => {
  assert.equal(
    textOf(verifiedImage()),
    block(
      'ghcr.io/acme/web:1.4',
      `  digest       ${DIGEST}`,
      '  used by      container web',
      '  verified     rule web of policy acme',
      '  signer       release-key, key sha256:0123456789ab, simple-signing',
    ),
  );
});

test('a signer that is an identity: who signed, and who vouched for it, instead of a key that nobody knows again', () => {
  const text = textOf(keylessImage());
  assert.match(text, new RegExp(`^  signer       pipeline, ${WORKFLOW} by ${GITHUB}, bundle$`, 'm'));
});

test('a rejected image: code, reason, what was found, hint', () => {
  assert.equal(
    textOf(rejectedImage()),
    block(
      'ghcr.io/acme/web:1.4',
      `  digest       ${DIGEST}`,
      '  used by      container web',
      '  rejected     SIGNATURE_INVALID, rule web of policy acme',
      '  why          wanted release-key; found 1 candidate: not made with this key',
      '  signature    sha256-abab.sig#0, signer release-key: SIGNATURE_INVALID: not made with this key',
      '  hint         check the key: cosign verify --key KEY IMAGE',
    ),
  );
});

test('an inconclusive image without digest and uses', () => {
  assert.equal(
    textOf(inconclusiveImage({ uses: [] })),
    block(
      'ghcr.io/acme/web:1.4',
      '  inconclusive REGISTRY_UNREACHABLE, rule web of policy acme',
      '  why          ghcr.io: connection refused',
      '  hint         check name, network and certificate',
    ),
  );
});

test('what a mode lets in says so', () => {
  assert.match(
    textOf(letThrough('warn')),
    /rejected +SIGNATURE_INVALID, .* \(let in all the same: mode warn\)\n/,
  );
  assert.match(textOf(letThrough('audit')), /\(let in all the same: mode audit\)\n/);
  assert.doesNotMatch(textOf(rejectedImage()), /let in/);
});

test('an exemption says why', () => {
  const policies = [
    { policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'exempt', code: 'EXEMPT' },
  ] as const;
  const message = 'let in unverified: SEC-214';
  const text = textOf(verifiedImage({ verdict: 'exempt', code: 'EXEMPT', message, policies, outcomes: [] }));
  assert.match(text, / {2}exempt +rule web of policy acme\n {2}why +let in unverified: SEC-214\n/);
});

test('where several documents have a say, each is shown', () => {
  const policies: ImageReport['policies'] = [
    { policy: 'team', rule: 'own', mode: 'enforce', verdict: 'verified', code: 'VERIFIED' },
    { policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'rejected', code: 'SIGNATURE_INVALID' },
  ];
  const text = textOf(rejectedImage({ policies }));
  assert.match(
    text,
    /rejected +SIGNATURE_INVALID, rule web of policy acme\n {2}also +verified VERIFIED, rule own of policy team, mode enforce\n/,
  );
});

test('of several objects, each use says in which it is', () => {
  const [use] = verifiedImage().uses;
  assert.ok(use !== undefined);
  const uses = [
    { ...use, object: 'Deployment web' },
    { ...use, object: 'Job \u001b[1mx' },
  ];
  assert.match(
    textOf(verifiedImage({ uses })),
    /used by +Deployment web: container web, Job x: container web\n/,
  );
});

test('no rule, several uses, a stale fact', () => {
  const uses = Array.from({ length: 6 }, (_, index) => ({
    image: 'x',
    container: `c${index}`,
    kind: 'init' as const,
    path: `/spec/initContainers/${index}/image`,
  }));
  const text = textOf(rejectedImage({ code: 'NO_RULE', policies: [], outcomes: [], uses, stale: true }));
  assert.match(text, /rejected +NO_RULE\n/);
  assert.match(text, /used by +init container c0, .*init container c3, and 2 more\n/);
  assert.match(text, /digest +sha256:\S+ \(stale: the registry could not be asked\)\n/);
});

test('the same signature for two rules is one line, and of many eight are shown', () => {
  const [outcome] = rejectedImage().outcomes;
  assert.ok(outcome !== undefined);
  assert.equal(textOf(rejectedImage({ outcomes: [outcome, outcome] })), textOf(rejectedImage()));
  const outcomes = Array.from({ length: 1000 }, (_, index) => ({ ...outcome, candidate: `c#${index}` }));
  const text = textOf(rejectedImage({ outcomes }));
  assert.equal(text.split('  signature  ').length - 1, 9);
  assert.match(text, /signature +and 992 more\n/);
});

test('blocks are apart, and no block says so', () => {
  assert.match(textOf(verifiedImage(), rejectedImage()), /simple-signing\n\nghcr\.io/);
  assert.equal(textOf(), 'no image to judge\n');
  assert.equal(renderText({ ...reportWith(), allowed: false }, { color: false }), 'denied\n');
});

test('colours are ours, and only where asked for', () => {
  const evil = '\u001b[31mnginx\u001b]0;x\u0007\u202e:1\n\nverified';
  const image = rejectedImage({ image: evil, message: evil, hint: evil });
  assert.doesNotMatch(textOf(image).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  assert.match(textOf(image), /^nginx :1 verified\n/);
  const colored = renderText(reportWith(image), { color: true });
  assert.ok(colored.includes('\u001b[31mrejected     \u001b[0mSIGNATURE_INVALID'));
  assert.ok(!colored.includes('\u001b[31mnginx'));
});

test('attestations stand apart from signatures, with their type', () => {
  const attestation = 'https://slsa.dev/provenance/v1';
  const both = (image: ImageReport) => [
    ...image.outcomes,
    ...image.outcomes.map((one) => ({ ...one, attestation })),
  ];
  const verified = textOf(verifiedImage({ outcomes: both(verifiedImage()) }));
  assert.match(verified, /^ {2}signer {7}release-key, key sha256:0123456789ab, simple-signing$/m);
  assert.match(verified, /^ {2}attested {5}https:\/\/slsa\.dev\/provenance\/v1 by release-key, key sha256/m);
  const rejected = textOf(rejectedImage({ outcomes: both(rejectedImage()) }));
  assert.match(rejected, /^ {2}signature {4}sha256-abab\.sig#0, signer release-key: SIGNATURE_INVALID/m);
  assert.match(
    rejected,
    /^ {2}attestation {2}https:\/\/slsa\.dev\/provenance\/v1, sha256-abab\.sig#0, signer/m,
  );
});

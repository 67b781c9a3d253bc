// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Deps } from '../../src/evaluate.ts';
import {
  attestImage,
  createTestKey,
  createTestSigstore,
  githubIdentity,
  signBundle,
  signImageKeyless,
  signLegacy,
  startTestRegistry,
  type TestIdentity,
  type TestImage,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { parseTrustRoot, type TrustRoots } from '../../src/verify/index.ts';
import { judgeImage } from '../support/acme-rules.ts';
import { type TestWorld, testWorld } from '../support/world.ts';

const TYPE = 'https://acme.example/scan/v1';
const HOUR = 3_600_000;
const SIGSTORE = createTestSigstore();
const PIPELINE = githubIdentity('acme/web');
const PERSON: TestIdentity = { issuer: 'https://accounts.example', subject: 'kim@acme.example' };
const KEY = createTestKey('ecdsa-p256');

const trusting = (...roots: readonly Buffer[]): TrustRoots => ({
  fingerprint: `${roots.length}`,
  roots: new Map(roots.map((json) => ['default', parseTrustRoot('default', json)])),
});
const TRUST = trusting(SIGSTORE.trustedRoot());

const policyOf = (host: string, rule: string) => `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }
signers:
  release: { key: { file: release.pub } }
  pipeline:
    keyless: { issuer: "${PIPELINE.issuer}", subject: "${PIPELINE.subject}", claims: { sourceRepositoryURI: "https://github.com/acme/web" } }
  person: { keyless: { issuer: "${PERSON.issuer}", subject: "${PERSON.subject}" } }
  nobody: { keyless: { issuer: none, subject: "kim@acme.example" } }
  timeless:
    keyless: { issuer: "${PERSON.issuer}", subject: "${PERSON.subject}" }
    log: none
    unsafeNoTime: true
rules:
  - { name: acme, images: ["${host}/acme/**"], ${rule} }
`;

for (const format of ['bundle', 'legacy'] as const) {
  describe(`keyless, ${format}`, () => {
    let registry: TestRegistry;
    let world: TestWorld;
    let image: TestImage;
    let trust: TrustRoots | undefined;
    let count = 0;

    before(async () => {
      registry = await startTestRegistry();
    });
    after(() => registry.close());
    beforeEach(() => {
      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      trust = TRUST;
      registry.clearRequests();
    });
    afterEach(() => world?.close());

    const start = (rule: string) => {
      const policies = [policyOf(registry.host, rule)];
      world = testWorld({ policies, files: { 'release.pub': KEY.publicKeyPem } });
    };
    const judge = () => {
      const deps: Deps = { ...world.deps, ...(trust && { trust }) };
      return judgeImage(deps, image.pinned);
    };
    const sign = (identity = PIPELINE, more = {}) =>
      signImageKeyless(registry, image, SIGSTORE, identity, { format, ...more });
    const attest = (findings: number, time: number, identity = PIPELINE) =>
      attestImage(registry, image, SIGSTORE, {
        format,
        identity,
        time,
        predicateType: TYPE,
        predicate: { findings },
      });

    test('a cold image costs as many requests as a keyed one, a warm one none', async () => {
      start('require: { any: [release, pipeline] }');
      if (format === 'bundle') signBundle(registry, image, KEY);
      else signLegacy(registry, image, KEY);
      assert.equal((await judge()).code, 'VERIFIED');
      const keyed = registry.requests.length;
      image = registry.pushImage('acme/web', { content: `image ${++count}` });
      sign();
      registry.clearRequests();
      const { code, message } = await judge();
      assert.equal(code, 'VERIFIED', message);
      assert.equal(registry.requests.length, keyed);
      registry.clearRequests();
      assert.equal((await judge()).code, 'VERIFIED');
      assert.equal(registry.requests.length, 0);
    });

    test('an authority of one’s own that knows nothing of issuers: by issuer none, and by nothing else', async () => {
      sign({ issuer: '', subject: 'kim@acme.example', issuerExtensions: [] });
      start('require: nobody');
      assert.equal((await judge()).code, 'VERIFIED');
      world.close();
      start('require: person');
      const { code, message } = await judge();
      assert.equal(code, 'IDENTITY_MISMATCH');
      assert.match(message, /found a certificate without an issuer/);
    });

    test('who signed and who should have stands in the denial', async () => {
      start('require: pipeline');
      sign(PERSON);
      const { code, message } = await judge();
      assert.equal(code, 'IDENTITY_MISMATCH');
      assert.match(message, /kim@acme\.example/);
      assert.match(message, /wanted "https:\/\/token\.actions\.githubusercontent\.com"/);
    });

    test('another snapshot of trust decides anew, at once', async () => {
      start('require: pipeline');
      sign();
      assert.equal((await judge()).code, 'VERIFIED');
      trust = trusting(createTestSigstore().trustedRoot());
      assert.equal((await judge()).verdict, 'rejected', 'another world of Sigstore');
      trust = undefined;
      assert.equal((await judge()).verdict, 'inconclusive', 'no trust root at all');
      trust = TRUST;
      assert.equal((await judge()).code, 'VERIFIED');
    });

    test('what is held against now, nothing remembers', async () => {
      start('require: timeless');
      const now = Date.now();
      sign(PERSON, { log: 'none', timestamps: 0, time: now });
      world.setNow(now);
      const { code, message } = await judge();
      assert.equal(code, 'VERIFIED', message);
      world.setNow(now + 24 * HOUR);
      assert.equal((await judge()).code, 'CERTIFICATE_NOT_VALID_THEN');
    });

    test('the newest attestation decides, whatever is stored last', async () => {
      const rule = `attestations: [{ type: "${TYPE}", by: pipeline, where: predicate.findings == 0, quantifier: newest }]`;
      start(rule);
      const now = Date.now();
      attest(0, now - HOUR);
      attest(1, now - 2 * HOUR);
      attest(1, now, PERSON);
      const { code, message } = await judge();
      assert.equal(code, 'VERIFIED', message);
      attest(2, now - HOUR / 2);
      await world.close();
      start(rule);
      assert.equal((await judge()).code, 'ATTESTATION_REJECTED');
      attest(0, now - HOUR / 4);
      await world.close();
      start(rule);
      assert.equal((await judge()).code, 'VERIFIED', 'what it said before, said once more');
    });

    test('identities make attestations, and an attestation is no signature of theirs', async () => {
      start(`require: pipeline, attestations: [{ type: "${TYPE}", by: { all: [pipeline, person] } }]`);
      attest(0, Date.now());
      assert.equal((await judge()).verdict, 'rejected');
      sign();
      await world.close();
      start(`require: pipeline, attestations: [{ type: "${TYPE}", by: { all: [pipeline, person] } }]`);
      assert.equal((await judge()).code, 'THRESHOLD_NOT_MET');
      attest(0, Date.now(), PERSON);
      await world.close();
      start(`require: pipeline, attestations: [{ type: "${TYPE}", by: { all: [pipeline, person] } }]`);
      const { code, message, outcomes } = await judge();
      assert.equal(code, 'VERIFIED', message);
      const verified = outcomes.filter(({ status }) => status === 'verified');
      assert.deepEqual(
        verified.map(({ signer, attestation = 'signature' }) => `${signer} ${attestation}`).sort(),
        [`person ${TYPE}`, `pipeline ${TYPE}`, 'pipeline signature'],
      );
    });
  });
}

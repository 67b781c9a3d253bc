// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextPass } from 'node:timers/promises';
import type { Deps } from '../../src/evaluate.ts';
import { digestTag } from '../../src/image/index.ts';
import {
  createTestSigstore,
  githubIdentity,
  makeLegacyManifest,
  makeLegacyPayload,
  startTestRegistry,
} from '../../src/testing/index.ts';
import { parseTrustRoot } from '../../src/verify/index.ts';
import { judgeImage } from '../support/acme-rules.ts';
import { countCrypto } from '../support/crypto-counter.ts';
import { testWorld } from '../support/world.ts';

const JUNK = 999;

test('999 signatures of somebody else before the true one: no cryptography for them, and others have their turns', async (t) => {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const sigstore = createTestSigstore();
  const identity = githubIdentity('acme/web');
  const image = registry.pushImage('acme/web', { tag: '1' });
  const payload = makeLegacyPayload({ digest: image.digest, dockerReference: `${registry.host}/acme/web` });
  const evil = { issuer: 'https://accounts.example', subject: 'mallory@evil.example' };
  const other = sigstore.signLegacyLayer({ payload, identity: evil }).descriptor;
  // What is not looked at is left out, so that all of them fit into a manifest.
  const {
    'dev.sigstore.cosign/chain': _,
    'dev.sigstore.cosign/bundle': __,
    ...annotations
  } = other.annotations;
  const junk = Array.from({ length: JUNK }, (___, at) => ({
    ...other,
    annotations: { ...annotations, at: `${at}` },
  }));
  const { manifest } = makeLegacyManifest([
    ...junk,
    sigstore.signLegacyLayer({ payload, identity }).descriptor,
  ]);
  registry.putBlob(image.repository, payload);
  registry.putManifest(image.repository, manifest, { tag: `${digestTag(image.digest)}.sig` });

  const policy = `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }
signers: { pipeline: { keyless: { issuer: "${identity.issuer}", subject: "${identity.subject}", claims: { runnerEnvironment: github-hosted } } } }
rules: [{ name: acme, images: ["**"], require: pipeline }]
`;
  const world = testWorld({ policies: [policy], files: {} });
  t.after(() => world.close());
  const roots = new Map([['default', parseTrustRoot('default', sigstore.trustedRoot())]]);
  const deps: Deps = { ...world.deps, trust: { fingerprint: 'x', roots } };

  let passes = 0;
  const { verified } = await countCrypto(async () => {
    const judged = judgeImage(deps, image.pinned);
    let isDone = false;
    const done = judged.finally(() => {
      isDone = true;
    });
    for (; !isDone; passes += 1) await nextPass();
    const report = await done;
    assert.equal(report.verdict, 'verified', JSON.stringify(report).slice(0, 400));
  });
  assert.ok(verified <= 10, `${verified} verifications`);
  assert.ok(passes > 1, `${passes} passes of the event loop`);
});

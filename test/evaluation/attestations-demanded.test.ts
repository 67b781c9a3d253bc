// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { validate } from '../../src/evaluate.ts';
import { createTestKey, signLegacy, startTestRegistry } from '../../src/testing/index.ts';
import { podReview } from '../support/reviews.ts';
import { call, testWorld } from '../support/world.ts';

const registry = await startTestRegistry();
after(() => registry.close());

for (const demands of ['require: release, ', '']) {
  test(`an image without the attestation that a rule demands is denied, twice (${demands || 'no require'})`, async () => {
    const key = createTestKey('ecdsa-p256');
    const policy = `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers: { release: { key: { file: release.pub } } }
rules:
  - { name: r, images: ["**"], ${demands}attestations: [{ type: spdx, by: release }] }
  `;
    const world = testWorld({ policies: [policy], files: { 'release.pub': key.publicKeyPem } });
    const image = registry.pushImage('acme/web', { tag: '1', content: demands });
    signLegacy(registry, image, key);
    for (let round = 0; round < 2; round++) {
      const { answer, report } = await validate(podReview([image.pinned]), world.deps, call());
      assert.equal(answer.response.allowed, false);
      assert.notEqual(report.images[0]?.verdict, 'verified');
    }
    await world.close();
  });
}

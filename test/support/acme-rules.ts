// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type Deps, validate } from '../../src/evaluate.ts';
import type { ImageReport } from '../../src/report/index.ts';
import { createTestKey } from '../../src/testing/index.ts';
import { podReview } from './reviews.ts';
import { call, type TestWorld, testWorld } from './world.ts';

/** The keys of the signers `release` (and `strict`, who signs for one repository only) and `security`. */
export const KEYS = { release: createTestKey('ecdsa-p256'), security: createTestKey('ecdsa-p256') };

/** A policy with one rule for `HOST/acme/**`; `rule` is what it says, in YAML's flow style. */
export function acmePolicy(host: string, rule: string, index = 0): string {
  return `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: p${index} }
signers:
  release: { key: { file: release.pub } }
  security: { key: { file: security.pub } }
  strict: { key: { file: release.pub }, signedIdentity: repository }
rules:
  - { name: acme, images: ["${host}/acme/**"], ${rule} }
`;
}

/** A world with a policy for each of the rules. */
export function acmeWorld(host: string, ...rules: string[]): TestWorld {
  const keys = Object.entries(KEYS).map(([name, key]) => [`${name}.pub`, key.publicKeyPem]);
  return testWorld({
    policies: rules.map((rule, index) => acmePolicy(host, rule, index)),
    files: Object.fromEntries(keys),
  });
}

/** What is said of a Pod's one image, which is let in where it is verified, and only there. */
export async function judgeImage(deps: Deps, image: string, budgetMs?: number): Promise<ImageReport> {
  const { report, answer } = await validate(podReview([image]), deps, call(budgetMs));
  const [judged] = report.images;
  assert.ok(judged);
  assert.equal(report.allowed, judged.verdict === 'verified');
  assert.equal(answer.response.allowed, report.allowed);
  return judged;
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Code } from '../../src/errors.ts';
import { imageReport } from '../../src/evaluation/image-report.ts';

const WATCH = { registryRequests: () => 0, durationMs: () => 0 };

function hintOf(code: Code, image: string): string {
  const decision = { decision: 'deny', verdict: 'inconclusive', mode: 'enforce', code, message: '' } as const;
  const watch = WATCH as unknown as Parameters<typeof imageReport>[3];
  return imageReport({ image, uses: [] }, { findings: [], outcomes: [] }, decision, watch).hint;
}

for (const [code, image, hint] of [
  ['REGISTRY_UNAUTHORIZED', 'ghcr.io/acme/web:1', 'log in with: docker login ghcr.io'],
  ['REGISTRY_UNAUTHORIZED', 'nginx', 'log in with: docker login docker.io'],
  ['REGISTRY_UNREACHABLE', 'nginx', /curl -v https:\/\/registry-1\.docker\.io\/v2\/$/],
  ['RESPONSE_MALFORMED', 'reg.example:5000/web:REGISTRY', /curl -v https:\/\/reg\.example:5000\/v2\/$/],
  ['REGISTRY_UNREACHABLE', 'Not An Image', /https:\/\/REGISTRY\//],
  ['REFERENCE_INVALID', 'ghcr.io/acme/web:1', /write it as REGISTRY\/REPOSITORY:TAG or REGISTRY\//],
  [
    'IMAGE_NOT_FOUND',
    'ghcr.io/acme/web:REGISTRY',
    'check the name with: crane digest ghcr.io/acme/web:REGISTRY',
  ],
] as const) {
  test(`the hint of ${code} for ${image}`, () => {
    if (typeof hint === 'string') assert.equal(hintOf(code, image), hint);
    else assert.match(hintOf(code, image), hint);
  });
}

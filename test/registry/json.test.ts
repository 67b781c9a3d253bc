// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { parseJsonObject } from '../../src/registry/json.ts';

const parse = (text: string) => parseJsonObject(Buffer.from(text), 'registry.example: manifest a');
const tooLarge = { code: 'LIMIT_EXCEEDED', message: /^registry\.example: manifest a: JSON nested deeper/ };
const digest = `sha256:${'a'.repeat(64)}`;

test('an answer of 4 MiB that would become 100 MiB and more is refused unread', () => {
  const size = LIMITS.manifestBytes;
  for (const text of [
    `{"a":${'['.repeat(size / 2 - 4)}${']'.repeat(size / 2 - 4)}}`,
    `{"layers":[${'{},'.repeat(size / 3 - 10)}{}]}`,
    '{"a":'.repeat(size / 6),
  ]) {
    assert.throws(() => parse(text), tooLarge);
  }
});

test('the largest signature manifest, index and page of tags are read', () => {
  const annotations = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`dev.example/${at}`, 'x']));
  const descriptor = { mediaType: 'application/x', digest, size: 1, annotations };
  const layers = Array.from({ length: LIMITS.signatureLayers }, () => descriptor);
  assert.deepEqual(parse(JSON.stringify({ layers })), { layers });
  const manifests = Array.from({ length: LIMITS.referrers }, () => ({
    ...descriptor,
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  }));
  assert.deepEqual(parse(JSON.stringify({ manifests })), { manifests });
  const tags = Array.from({ length: LIMITS.tags }, (_, at) => `v${at}`);
  assert.deepEqual(parse(JSON.stringify({ name: 'a', tags })), { name: 'a', tags });
});

test('what is no JSON, or no object, is malformed, and the message does not repeat it', () => {
  for (const text of ['', '[]', 'null', '"secret"', 'secret', '{"secret"', '{} {}']) {
    assert.throws(
      () => parse(text),
      (error: Error & { code?: string }) =>
        error.code === 'RESPONSE_MALFORMED' && !error.message.includes('secret'),
    );
  }
});

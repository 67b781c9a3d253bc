// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { withoutDuplicates } from '../../src/discover/duplicates.ts';
import type { Candidate } from '../../src/verify/index.ts';

const SIGNATURE = 'dev.cosignproject.cosign/signature';

function layer(payload: string, signature: string, index = 0): Candidate {
  const annotations = { [SIGNATURE]: signature };
  return {
    kind: 'simple-signing',
    id: `tag#${index}`,
    storage: 'tag',
    payload: Buffer.from(payload),
    annotations,
  };
}

describe('withoutDuplicates', () => {
  test('keeps the first of each, by payload and annotations', () => {
    const candidates = [layer('a', '1'), layer('a', '1', 1), layer('a', '2', 2), layer('b', '1', 3)];
    assert.deepEqual(
      withoutDuplicates(candidates).map(({ id }) => id),
      ['tag#0', 'tag#2', 'tag#3'],
    );
  });

  test('a bundle is its bytes, and never a payload of the same bytes', () => {
    const bundle = (id: string): Candidate => ({
      kind: 'bundle',
      id,
      storage: 'referrer',
      bytes: Buffer.from('a'),
    });
    assert.equal(withoutDuplicates([bundle('1'), bundle('2'), layer('a', '1')]).length, 2);
  });

  test('a thousand layers of one blob need no thousand copies of it', async () => {
    const code = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(new URL('../../src/discover/duplicates.ts', import.meta.url).href)}).then(({ withoutDuplicates }) => {
        const payload = Buffer.alloc(1024 * 1024);
        const candidates = Array.from({ length: 1000 }, (_, i) => (
          { kind: 'simple-signing', id: '', storage: 'tag', payload, annotations: { ${JSON.stringify(SIGNATURE)}: String(i) } }
        ));
        parentPort.postMessage(withoutDuplicates(candidates).length);
      });`;
    const worker = new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 64 } });
    const [count] = await once(worker, 'message');
    assert.equal(count, 1000);
    await worker.terminate();
  });
});

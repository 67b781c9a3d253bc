// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCommand } from '../../scripts/bundle.ts';
import { IMAGE } from '../../scripts/root-file-system.ts';
import { createTestKey, startTestRegistry } from '../../src/testing/index.ts';
import { note, type Row } from '../figure.ts';
import { pushSigned } from '../push-signed.ts';
import { podReview, serveArguments, startServer, writeServeFiles } from '../serving.ts';

const PODS = 1000;
const IMAGES = 200;
const MB = 1_000_000;
const MOST_MB = 120;

/** What `countersign serve`, as it is installed, takes of memory after its first 1,000 Pods. */
export async function memoryOfServe(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const registry = await startTestRegistry();
  try {
    const program = join(folder, 'countersign.mjs');
    await bundleCommand(program);
    const key = createTestKey('ecdsa-p256');
    const ca = writeServeFiles(folder, registry.host, key.publicKeyPem);
    const images = pushSigned({ registry, key }, IMAGES);
    const { child, load } = await startServer(
      (port) => [...IMAGE.flags, ...serveArguments(folder, port, program)],
      ca,
    );
    try {
      const begun = child.memory()?.now;
      // Each Pod as the API server sends it: first with its tag, then with the digest that /mutate wrote.
      for (let pods = 0; pods < PODS; pods += IMAGES) {
        await load.run(
          IMAGES,
          images.map(({ reference }) => podReview(reference)),
          '/mutate',
        );
        await load.run(
          IMAGES,
          images.map(({ pinned }) => podReview(pinned)),
          '/validate',
        );
      }
      const memory = child.memory();
      if (begun === undefined || memory === undefined) return [note('memory of the process', 'needs Linux')];
      return [
        {
          figure: `memory of the process, 1,000 Pods of ${IMAGES} images admitted, MB`,
          measured: (memory.now / MB).toFixed(0),
          wanted: `≤ ${MOST_MB}`,
          ok: memory.now <= MOST_MB * MB,
        },
        note('… at most so far', (memory.peak / MB).toFixed(0)),
        note('… before the first review', (begun / MB).toFixed(0)),
      ];
    } finally {
      load.close();
      await child.stop();
    }
  } finally {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

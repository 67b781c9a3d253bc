// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from 'node:child_process';
import { sizeOfAnswer } from '../../src/discover/store-facts.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  createTestKey,
  makeImage,
  makeLegacyLayer,
  makeLegacyPayload,
  startTestRegistry,
} from '../../src/testing/index.ts';
import type { Answer, Task } from '../children/cache-holder.ts';
import { exactly, note, type Row } from '../figure.ts';
import { pushSigned } from '../push-signed.ts';

const IMAGES = 10_000;
const MOST_MS = 90_000;

/** Whether so many images stay in the cache, and whether one costs the memory that the cache counts for it. */
export async function cacheSize(): Promise<Row[]> {
  const registry = await startTestRegistry();
  const child = fork(new URL('../children/cache-holder.ts', import.meta.url), {
    execArgv: ['--expose-gc'],
    timeout: MOST_MS,
  });
  try {
    const key = createTestKey('ecdsa-p256');
    const task = { publicKeyPem: key.publicKeyPem, images: pushSigned({ registry, key }, IMAGES) };
    const { bytesPerImage } = await ask(child, task);
    const asked = registry.requests.length;
    registry.clearRequests();
    await ask(child, task);
    const measured = Math.round(bytesPerImage ?? Number.NaN);
    const counted = countedPerImage();
    return [
      exactly('second pass over 10,000 images: requests', registry.requests.length, 0),
      note('… requests of the first pass', String(asked)),
      {
        figure: 'bytes held per image : bytes the cache counts',
        measured: `${measured} : ${counted}`,
        wanted: '≤ 1',
        ok: measured <= counted,
      },
      note('… bytes counted for all of them, of those allowed per store', inMiB(counted * IMAGES)),
    ];
  } finally {
    if (child.connected) child.disconnect();
    child.kill();
    await registry.close();
  }
}

function ask(child: ChildProcess, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the process that holds the cache ended'));
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer as Answer);
    });
    child.send(task);
  });
}

/** An image has an answer of each store: one with its signature, one that is empty. */
function countedPerImage(): number {
  const { digest } = makeImage('web');
  const payload = makeLegacyPayload({ digest, dockerReference: '127.0.0.1:40000/acme/web' });
  const { annotations } = makeLegacyLayer(payload, createTestKey('ecdsa-p256')).descriptor;
  const answer = { answered: true, unsupported: false, complete: true };
  const signature = { kind: 'simple-signing', id: '', storage: 'tag', payload, annotations } as const;
  const key = ` 127.0.0.1:40000/acme/web@${digest}`.length;
  return (
    sizeOfAnswer({ ...answer, candidates: [signature] }) +
    sizeOfAnswer({ ...answer, candidates: [] }) +
    2 * key
  );
}

function inMiB(bytes: number): string {
  const MiB = 1024 * 1024;
  return `${(bytes / MiB).toFixed(0)} MiB of ${LIMITS.candidateFactsBytes / MiB} MiB`;
}

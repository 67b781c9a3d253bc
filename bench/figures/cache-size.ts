// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from 'node:child_process';
import { sizeOfAnswer } from '../../src/discover/store-facts.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  createTestKey,
  makeBundle,
  makeImage,
  makeLegacyLayer,
  makeLegacyPayload,
  signBundle,
  signLegacy,
  startTestRegistry,
} from '../../src/testing/index.ts';
import type { Candidate } from '../../src/verify/index.ts';
import type { Answer, Task } from '../children/cache-holder.ts';
import { exactly, note, type Row } from '../figure.ts';
import { pushSigned } from '../push-signed.ts';

const IMAGES = 10_000;
const BUNDLES = 3_000;
const MOST_MS = 60_000;
const { digest } = makeImage('web');
const KEY = createTestKey('ecdsa-p256');

/** Whether so many images stay in the cache, and whether one costs no more memory than the cache counts for it. */
export async function cacheSize(): Promise<Row[]> {
  const legacy = await measure(IMAGES, signLegacy);
  const bundles = await measure(BUNDLES, signBundle);
  const counted = countedPerImage(legacyCandidate());
  return [
    exactly('second pass over 10,000 images: requests', legacy.again, 0),
    note('… requests of the first pass', String(legacy.asked)),
    memory('bytes held : counted per image, legacy signature', legacy.bytesPerImage, counted),
    memory(
      'bytes held : counted per image, bundle',
      bundles.bytesPerImage,
      countedPerImage(bundleCandidate()),
    ),
    note('… counted for 10,000 legacy signatures', inMiB(counted * IMAGES)),
  ];
}

function memory(figure: string, held: number, counted: number): Row {
  return { figure, measured: `${Math.round(held)} : ${counted}`, wanted: '≤ 1', ok: held <= counted };
}

type Measured = { readonly asked: number; readonly again: number; readonly bytesPerImage: number };

async function measure(count: number, sign: typeof signLegacy | typeof signBundle): Promise<Measured> {
  const registry = await startTestRegistry();
  const child = fork(new URL('../children/cache-holder.ts', import.meta.url), {
    execArgv: ['--expose-gc'],
    timeout: MOST_MS,
  });
  try {
    const images = pushSigned({ registry, key: KEY }, count, sign).map(({ pinned }) => pinned);
    const task = { publicKeyPem: KEY.publicKeyPem, images };
    const { bytesPerImage } = await ask(child, task);
    const asked = registry.requests.length;
    registry.clearRequests();
    await ask(child, task);
    return { asked, again: registry.requests.length, bytesPerImage: bytesPerImage ?? Number.NaN };
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

function legacyCandidate(): Candidate {
  const payload = makeLegacyPayload({ digest, dockerReference: '127.0.0.1:40000/acme/app-100' });
  const { annotations } = makeLegacyLayer(payload, KEY).descriptor;
  return { kind: 'simple-signing', id: '', storage: 'tag', payload, annotations };
}

function bundleCandidate(): Candidate {
  return { kind: 'bundle', id: '', storage: 'referrer', bytes: makeBundle(KEY, { digest }) };
}

/** An image has an answer of each store: one with its signature, one that is empty. */
function countedPerImage(candidate: Candidate): number {
  const answer = { answered: true, unsupported: false, complete: true };
  const key = ` 127.0.0.1:40000/acme/app-100@${digest}`.length;
  const sizes = [[candidate], []].map(
    (candidates) => sizeOfAnswer({ ...answer, candidates, attestations: [] }) + key,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function inMiB(bytes: number): string {
  const MiB = 1024 * 1024;
  return `${(bytes / MiB).toFixed(0)} MiB of ${LIMITS.candidateFactsBytes / MiB} MiB`;
}

// SPDX-License-Identifier: Apache-2.0
import { createJudge, type Judge } from '../world.ts';

// Forked with --expose-gc, so that nothing but what is asked about is in the memory that is measured.

/** What the parent wants: this many images judged by this key. */
export type Task = { readonly publicKeyPem: string; readonly images: readonly string[] };
/** What comes back: bytes held per image after the first pass; `null` after every further one. */
export type Answer = { readonly bytesPerImage: number | null };

const SIDE_BY_SIDE = 16;
/** Code, connections and whatever else is made once must be there before the first look at the memory. */
const WARM_UP = 1000;

let judge: Judge | undefined;

process.on('message', async (task: Task) => {
  const bytesPerImage = judge === undefined ? await firstPass(task) : await pass(judge, task.images);
  process.send?.({ bytesPerImage } satisfies Answer);
});
process.once('disconnect', () => judge?.close());

async function firstPass({ publicKeyPem, images }: Task): Promise<number> {
  judge = createJudge(publicKeyPem);
  await pass(judge, images.slice(0, WARM_UP));
  const before = held();
  await pass(judge, images.slice(WARM_UP));
  return (held() - before) / (images.length - WARM_UP);
}

async function pass(by: Judge, images: readonly string[]): Promise<null> {
  const left = images.values();
  const work = async () => {
    for (const image of left) await by.judge(image);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return null;
}

/** Bytes in use after a full collection: objects, and the buffers outside of the heap. */
function held(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

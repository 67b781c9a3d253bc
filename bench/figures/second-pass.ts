// SPDX-License-Identifier: Apache-2.0
import { exactly, type Row } from '../figure.ts';
import { pushSigned } from '../push-signed.ts';
import { startWorld } from '../world.ts';

const IMAGES = 1000;

/** What a second look at many images asks of the registry. */
export async function secondPass(): Promise<Row[]> {
  const world = await startWorld();
  try {
    const images = pushSigned(world, IMAGES).map(({ pinned }) => pinned);
    for (const image of images) await world.judge(image);
    world.registry.clearRequests();
    for (const image of images) await world.judge(image);
    return [exactly('second pass over 1,000 digests: requests', world.registry.requests.length, 0)];
  } finally {
    await world.close();
  }
}

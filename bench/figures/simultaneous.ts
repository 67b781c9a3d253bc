// SPDX-License-Identifier: Apache-2.0
import { signLegacy } from '../../src/testing/index.ts';
import { exactly, type Row } from '../figure.ts';
import { startWorld, type World } from '../world.ts';

const SIMULTANEOUS = 50;

/** What many admissions of one unknown image, by tag and at the same time, ask of the registry. */
export async function simultaneous(): Promise<Row[]> {
  const alone = await requestsOf(1);
  const together = await requestsOf(SIMULTANEOUS);
  return [
    exactly(
      `${SIMULTANEOUS} simultaneous admissions of an unknown image: requests (one alone: ${alone})`,
      together,
      alone,
    ),
  ];
}

async function requestsOf(admissions: number): Promise<number> {
  const world = await startWorld();
  try {
    const image = pushTagged(world);
    await Promise.all(Array.from({ length: admissions }, () => world.judge(image)));
    return world.registry.requests.length;
  } finally {
    await world.close();
  }
}

function pushTagged({ registry, key }: World): string {
  const image = registry.pushImage('acme/web', { tag: '1.0' });
  signLegacy(registry, image, key);
  return image.reference;
}

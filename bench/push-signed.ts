// SPDX-License-Identifier: Apache-2.0
import { type signBundle, signLegacy, type TestImage } from '../src/testing/index.ts';
import type { World } from './world.ts';

/** Images per repository: the registry in memory looks through all manifests of one for each list of referrers. */
const PER_REPOSITORY = 20;

/** Pushes so many distinct images, each with a signature; gives their references by tag and by digest. */
export function pushSigned(
  { registry, key }: Pick<World, 'registry' | 'key'>,
  count: number,
  sign: typeof signLegacy | typeof signBundle = signLegacy,
): TestImage[] {
  return Array.from({ length: count }, (_, index) => {
    const image = registry.pushImage(`acme/app-${Math.floor(index / PER_REPOSITORY)}`, {
      content: `image ${index}`,
      tag: `v${index}`,
    });
    sign(registry, image, key);
    return image;
  });
}

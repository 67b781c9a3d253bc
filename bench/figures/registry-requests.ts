// SPDX-License-Identifier: Apache-2.0
import { signBundle, signLegacy, type TestRegistryOptions } from '../../src/testing/index.ts';
import { atMost, exactly, note, type Row } from '../figure.ts';
import { longestChain } from '../longest-chain.ts';
import { startWorld, type World } from '../world.ts';

const REPOSITORY = 'acme/web';
/** So much later than any request is sent that those side by side overlap. */
const LATENCY_MS = 30;

type Counts = { readonly requests: number; readonly inARow: number; readonly fallbackTag: number };
type Sign = typeof signLegacy | typeof signBundle;

/** Requests of a cold image with a legacy signature; both stores are looked at. */
export async function legacyRequests(): Promise<Row[]> {
  const withApi = await measure(signLegacy, {});
  const without = await measure(signLegacy, { referrers: false });
  const first = await firstOfHostWithoutApi();
  return [
    ...rows('legacy, host with the referrers API', withApi, { requests: 3, inARow: 2 }),
    ...rows('legacy, host without it', without, { requests: 3, inARow: 2 }),
    note('legacy, host without it, the first image of a repository: requests by digest', String(first)),
  ];
}

/** Requests of a cold image with a bundle on a host with the referrers API. */
export async function bundleRequests(): Promise<Row[]> {
  const counts = await measure(signBundle, {});
  return [
    ...rows('bundle, host with the referrers API', counts, { requests: 4, inARow: 3 }),
    exactly(
      'bundle, host with the referrers API: fallback tag asked',
      counts.digest.fallbackTag + counts.tag.fallbackTag,
      0,
    ),
  ];
}

type Measured = { readonly digest: Counts; readonly tag: Counts };

function rows(what: string, { digest, tag }: Measured, most: { requests: number; inARow: number }): Row[] {
  return [
    atMost(`${what}: requests by digest`, digest.requests, most.requests),
    atMost(`${what}: … one after another`, digest.inARow, most.inARow),
    atMost(`${what}: requests by tag`, tag.requests, most.requests + 1),
    atMost(`${what}: … one after another`, tag.inARow, most.inARow + 1),
  ];
}

/** Another image of the repository was judged before: its token is known, and whether it has the API. */
async function measure(sign: Sign, options: TestRegistryOptions): Promise<Measured> {
  const world = await startWorld(options);
  try {
    await world.judge(push(world, sign, 'before').pinned);
    world.registry.fault({ kind: 'latency', milliseconds: LATENCY_MS });
    return {
      digest: await count(world, push(world, sign, 'one').pinned),
      tag: await count(world, push(world, sign, 'two').reference),
    };
  } finally {
    await world.close();
  }
}

async function firstOfHostWithoutApi(): Promise<number> {
  const world = await startWorld({ referrers: false, auth: { kind: 'anonymous' } });
  try {
    return (await count(world, push(world, signLegacy, 'one').pinned)).requests;
  } finally {
    await world.close();
  }
}

function push({ registry, key }: World, sign: Sign, tag: string) {
  const image = registry.pushImage(REPOSITORY, { tag });
  sign(registry, image, key);
  return image;
}

async function count({ registry, judge }: World, image: string): Promise<Counts> {
  registry.clearRequests();
  await judge(image);
  return {
    requests: registry.requests.length,
    inARow: longestChain(registry.requests),
    fallbackTag: registry.requests.filter(({ path }) => /\/manifests\/sha256-[0-9a-f]{64}$/.test(path))
      .length,
  };
}

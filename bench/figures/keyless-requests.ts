// SPDX-License-Identifier: Apache-2.0
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import {
  createTestSigstore,
  githubIdentity,
  signImageKeyless,
  startTestRegistry,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { atMost, exactly, type Row } from '../figure.ts';
import { keylessPolicy, trustIn } from '../keyless-material.ts';
import { longestChain } from '../longest-chain.ts';
import { type Judge, judgeOf } from '../world.ts';

const LATENCY_MS = 30;
const REPOSITORY = 'acme/web';

/** Requests of a cold image signed keyless, as a bundle and as a layer, and connections to anything but the registry. */
export async function keylessRequests(): Promise<Row[]> {
  const bundle = await measure('bundle');
  const legacy = await measure('legacy');
  return [
    ...rows('keyless bundle', bundle, { requests: 4, inARow: 3 }),
    ...rows('keyless legacy', legacy, { requests: 3, inARow: 2 }),
    exactly('keyless: connections to anything but the registry', bundle.others + legacy.others, 0),
  ];
}

type Counts = { readonly requests: number; readonly inARow: number };
type Measured = { readonly digest: Counts; readonly tag: Counts; readonly others: number };

function rows(what: string, { digest, tag }: Measured, most: Counts): Row[] {
  return [
    atMost(`${what}: requests by digest`, digest.requests, most.requests),
    atMost(`${what}: … one after another`, digest.inARow, most.inARow),
    atMost(`${what}: requests by tag`, tag.requests, most.requests + 1),
    atMost(`${what}: … one after another`, tag.inARow, most.inARow + 1),
  ];
}

/** As for keys: another image of the repository was judged before, so that its token is known. */
async function measure(format: 'bundle' | 'legacy'): Promise<Measured> {
  const auth = { kind: 'bearer', users: [], anonymousPull: true } as const;
  const registry = await startTestRegistry({ auth });
  const sigstore = createTestSigstore();
  const judge = judgeOf(keylessPolicy(), trustIn(sigstore.trustedRoot()));
  const sockets = watchSockets();
  const push = (tag: string) => {
    const image = registry.pushImage(REPOSITORY, { tag });
    signImageKeyless(registry, image, sigstore, githubIdentity(REPOSITORY), { format });
    return image;
  };
  try {
    await judge.judge(push('before').pinned);
    registry.fault({ kind: 'latency', milliseconds: LATENCY_MS });
    const digest = await count(registry, judge, push('one').pinned);
    const tag = await count(registry, judge, push('two').reference);
    const peers = sockets.to();
    if (!peers.includes(registry.host)) throw new Error('connections are not seen');
    return { digest, tag, others: peers.filter((peer) => peer !== registry.host).length };
  } finally {
    sockets.stop();
    await judge.close();
    await registry.close();
  }
}

/** Where this process connects to from now on. */
function watchSockets() {
  const peers: string[] = [];
  const watch = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    const at = peers.push('nowhere') - 1;
    socket.once('connect', () => {
      peers[at] = `${socket.remoteAddress}:${socket.remotePort}`;
    });
  };
  subscribe('net.client.socket', watch);
  return { to: () => peers, stop: () => unsubscribe('net.client.socket', watch) };
}

async function count(registry: TestRegistry, { judge }: Judge, image: string): Promise<Counts> {
  registry.clearRequests();
  await judge(image);
  return { requests: registry.requests.length, inARow: longestChain(registry.requests) };
}

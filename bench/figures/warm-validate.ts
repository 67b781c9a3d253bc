// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestKey, startTestRegistry } from '../../src/testing/index.ts';
import { atLeast, note, type Row } from '../figure.ts';
import { pushSigned } from '../push-signed.ts';
import { type Comparison, compare } from '../rounds.ts';
import {
  BASELINE,
  podReview,
  type Server,
  serveArguments,
  startBaseline,
  startServer,
  stopServers,
  writeServeFiles,
} from '../serving.ts';

const ROUNDS = 15;
const PER_ROUND = 1200;
/** Until the compiler of V8 is done with both: what counts is a server that runs. */
const WARM_UP_ROUNDS = 25;
const IMAGES = 200;

/** `countersign serve` with all that it does beside a bare server, over TLS, for an image that it knows. */
export async function warmValidate(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const registry = await startTestRegistry();
  const servers: Server[] = [];
  try {
    const key = createTestKey('ecdsa-p256');
    const ca = writeServeFiles(folder, registry.host, key.publicKeyPem);
    const bodies = pushSigned({ registry, key }, IMAGES).map(({ pinned }) => podReview(pinned));
    const one = bodies.slice(0, 1);
    const ours = await startServer((port) => serveArguments(folder, port), ca);
    servers.push(ours);
    const bare = await startBaseline(folder, ca);
    servers.push(bare);
    await warmUp(servers, bodies);
    const same = await race(ours, bare, one);
    const distinct = await race(ours, bare, bodies);
    return [
      atLeast('warm /validate : bare https server, requests/s', same.ratio, 0.7, BASELINE),
      note('… requests/s of both', `${same.ours.toFixed(0)} : ${same.bare.toFixed(0)}`),
      note('… CPU ms per request of both', same.cpu),
      note(`… with ${IMAGES} distinct images in turn`, distinct.ratio.toFixed(2)),
    ];
  } finally {
    await stopServers(servers);
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In turn, because a connection that is silent for too long is closed. */
async function warmUp(servers: readonly Server[], bodies: readonly string[]): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    for (const { load } of servers) await load.run(PER_ROUND, bodies);
  }
}

async function race(
  ours: Server,
  bare: Server,
  bodies: readonly string[],
): Promise<Comparison & { cpu: string }> {
  const before = [ours.child.cpuMs(), bare.child.cpuMs()];
  const result = await compare(
    ROUNDS,
    () => ours.load.run(PER_ROUND, bodies),
    () => bare.load.run(PER_ROUND, bodies),
  );
  const after = [ours.child.cpuMs(), bare.child.cpuMs()];
  const cpu = after.map((ms, index) => ((ms ?? 0) - (before[index] ?? 0)) / (PER_ROUND * (ROUNDS + 1)));
  return { ...result, cpu: cpu.map((ms) => ms.toFixed(3)).join(' : ') };
}

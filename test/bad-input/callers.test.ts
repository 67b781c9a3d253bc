// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { passwordCredential } from '../../src/registry/index.ts';
import {
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../src/testing/index.ts';
import { assertAllowed, assertDenied } from '../support/bad-images.ts';
import { eventually } from '../support/eventually.ts';
import { openTls } from '../support/raw-http.ts';
import { podReview } from '../support/reviews.ts';
import { KEYS, named, startWholeServer, type WholeServer } from '../support/whole-server.ts';

const GOOD = { username: 'good', password: 'good-password' };
const BAD = { username: 'bad', password: 'bad-password' };

/** Holds each answer back until it is removed. */
const HELD = { kind: 'latency', milliseconds: 600_000 } as const;

async function start(t: TestContext, options: TestRegistryOptions = {}) {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  /** The login in force, which a test may change. */
  const login = { current: GOOD };
  const server = await startWholeServer(t, {
    registries: named(registry),
    // What is held back stays under way: no idle time ends it and has it asked again.
    transport: { idleMs: 600_000 },
    credentials: {
      find: () => [passwordCredential(login.current.username, login.current.password)],
      warnings: [],
    },
  });
  return { registry, server, login, image: registry.pushImage('acme/web', { tag: '1.0' }) };
}

/** A caller who sends the review, and hangs up when told. */
async function startCaller(server: WholeServer, image: string): Promise<() => void> {
  const socket = await openTls(server);
  const body = JSON.stringify(podReview([image]));
  const length = Buffer.byteLength(body);
  socket.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`);
  return () => socket.destroy();
}

/** Both stores of one image are asked for this many callers by now, whether or not a request came of it. */
function lookedUp(server: WholeServer, callers: number): Promise<void> {
  return eventually(`${callers} callers wait`, async () => {
    return (await server.count('countersign_cache_misses_total')) === 2 * callers;
  });
}

const asked = (registry: TestRegistry, count: number) =>
  eventually(`${count} requests`, () => registry.requests.length >= count);

test('a caller who hangs up half-way leaves nothing behind: nothing found is not what others learn', async (t) => {
  const { registry, server, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  const slow = registry.fault(HELD);
  const hangUp = await startCaller(server, image.pinned);
  await asked(registry, 2);
  hangUp();
  await eventually('both requests are given up', () =>
    registry.requests.every(({ endedAt }) => endedAt !== undefined),
  );
  slow.remove();
  await assertAllowed(server, [image.pinned]);
  assert.deepEqual([await server.sent(), registry.requests.length], [2 + 3, 2 + 3]);
});

test('a caller who hangs up does not fail those who wait for the same image, 3 registry requests for both', async (t) => {
  const { registry, server, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  const slow = registry.fault(HELD);
  const hangUp = await startCaller(server, image.pinned);
  await lookedUp(server, 1);
  const other = assertAllowed(server, [image.pinned]);
  await lookedUp(server, 2);
  hangUp();
  await eventually('the server has seen it', async () => {
    return (await server.count('countersign_requests_total')) === 1;
  });
  slow.remove();
  await other;
  assert.deepEqual([await server.sent(), registry.requests.length], [3, 3]);
});

test('the short deadline of who asked first is not that of who joined, 3 registry requests for all', async (t) => {
  const { registry, server, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  const slow = registry.fault(HELD);
  const first = assertDenied(server, [image.pinned], 'DEADLINE_EXCEEDED', 5);
  await lookedUp(server, 1);
  const second = assertAllowed(server, [image.pinned]);
  await first;
  slow.remove();
  await second;
  await assertAllowed(server, [image.pinned]);
  assert.deepEqual([await server.sent(), registry.requests.length], [3, 3]);
});

test('a tag that /mutate had no time for is not forgotten to be asked: 2 registry requests', async (t) => {
  const { registry, server, image } = await start(t);
  const slow = registry.fault(HELD);
  const body = podReview([image.reference], { uid: 'slow' });
  const late = await server.ask(body, { door: '/mutate', timeout: 4 });
  assert.deepEqual([late.uid, late.allowed, late.patch], ['slow', true, undefined]);
  slow.remove();
  const { patch = '' } = await server.ask(body, { door: '/mutate' });
  assert.match(Buffer.from(patch, 'base64').toString(), new RegExp(`:1\\.0@${image.digest}`));
  assert.equal(await server.sent(), 2);
});

test('bad credentials are inconclusive, and good ones are not served what bad ones learned, nor the other way', async (t) => {
  const { registry, server, login, image } = await start(t, { auth: { kind: 'basic', users: [GOOD] } });
  signLegacy(registry, image, KEYS.release);
  login.current = BAD;
  await assertDenied(server, [image.pinned], 'REGISTRY_UNAUTHORIZED');
  assert.equal(await server.sent(), 4, 'each store: without a login, then with it');
  login.current = GOOD;
  await assertAllowed(server, [image.pinned]);
  login.current = BAD;
  await assertDenied(server, [image.pinned], 'REGISTRY_UNAUTHORIZED');
  login.current = GOOD;
  await assertAllowed(server, [image.pinned]);
  // Refused twice; in between each store without a login and with it, and the payload with it.
  assert.equal(await server.sent(), 4 + 5 + 4);
});

test('two callers at once, one with bad credentials: each gets its own answer', async (t) => {
  const { registry, server, login, image } = await start(t, { auth: { kind: 'basic', users: [GOOD] } });
  signLegacy(registry, image, KEYS.release);
  const slow = registry.fault(HELD);
  login.current = BAD;
  const bad = assertDenied(server, [image.pinned], 'REGISTRY_UNAUTHORIZED');
  await asked(registry, 2);
  login.current = GOOD;
  const good = assertAllowed(server, [image.pinned]);
  await asked(registry, 4);
  slow.remove();
  await Promise.all([bad, good]);
  assert.equal(await server.sent(), 4 + 5);
});

test('a registry that hides from bad credentials: "nothing found" is theirs alone', async (t) => {
  const { registry, server, login, image } = await start(t);
  signLegacy(registry, image, KEYS.release);
  login.current = BAD;
  const hidden = registry.fault({ kind: 'status', status: 404 });
  await assertDenied(server, [image.pinned], 'UNSIGNED');
  hidden.remove();
  login.current = GOOD;
  registry.clearRequests();
  await assertAllowed(server, [image.pinned]);
  assert.equal(registry.requests.length, 3);
});

test('a registry that hides its referrers from bad credentials: that it has no such API is theirs alone', async (t) => {
  const { registry, server, login, image } = await start(t);
  signLegacy(registry, image, KEYS.stranger);
  signBundle(registry, image, KEYS.release);
  login.current = BAD;
  const hidden = registry.fault({ kind: 'status', status: 404, match: { kind: 'referrers' } });
  await assertDenied(server, [image.pinned], 'SIGNATURE_INVALID');
  hidden.remove();
  login.current = GOOD;
  registry.clearRequests();
  await assertAllowed(server, [image.pinned]);
  assert.equal(registry.requests.length, 5);
});

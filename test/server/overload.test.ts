// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BYTES_UNDER_WAY } from '../../src/discover/index.ts';
import { LIMITS } from '../../src/limits.ts';
import { signLegacy, startTestRegistry, type TestRegistry } from '../../src/testing/index.ts';
import { eventually } from '../support/eventually.ts';
import { openTls } from '../support/raw-http.ts';
import { podReview } from '../support/reviews.ts';
import { KEYS, named, startWholeServer, type WholeServer } from '../support/whole-server.ts';

const MOST = LIMITS.reviewsWaitingPerNamespace;
const RULES = `  - { name: trial, images: ["**"], namespaces: [trial], mode: warn, require: release }
  - { name: all, images: ["**"], require: release }`;

async function start(t: TestContext) {
  const registry = await startTestRegistry();
  const own = await startTestRegistry();
  t.after(() => Promise.all([registry.close(), own.close()]));
  // What is held back stays under way: no idle time ends it and makes room.
  const transport = { idleMs: 600_000 };
  const server = await startWholeServer(t, { registries: named(registry, own), rules: RULES, transport });
  return { registry, own, server };
}

let pushed = 0;

function signed(registry: TestRegistry, name = 'acme/web') {
  const image = registry.pushImage(name, { tag: `t${pushed}`, content: `image ${pushed++}` });
  signLegacy(registry, image, KEYS.release);
  return image;
}

/** Holds each answer for an image of the flood back until it is removed. */
const HELD_BACK = { kind: 'latency', milliseconds: 600_000, match: { path: '/flood/' } } as const;

const ask = (server: WholeServer, image: string, namespace: string, timeout?: number) =>
  server.ask(podReview([image], { namespace }), timeout === undefined ? {} : { timeout });

const waiting = (server: WholeServer, count: number) =>
  eventually(`${count} wait`, async () => (await server.count('countersign_reviews_waiting')) === count);

test('a namespace that floods a slow registry delays no other one at the same registry, and is turned away', async (t) => {
  const { registry, server } = await start(t);
  const known = signed(registry);
  assert.equal((await ask(server, known.pinned, 'quiet')).allowed, true);
  const slow = registry.fault(HELD_BACK);
  const images = Array.from({ length: MOST + 40 }, () => signed(registry, 'flood/web').pinned);
  let answered = 0;
  const flood = images.map((image) =>
    ask(server, image, 'flood').finally(() => {
      answered += 1;
    }),
  );
  await eventually('40 turned away', () => answered === 40);
  await waiting(server, MOST);

  assert.equal((await ask(server, signed(registry).pinned, 'quiet')).code, 'VERIFIED');
  assert.equal((await ask(server, signed(registry).pinned, 'calm')).code, 'VERIFIED');
  assert.equal(
    (await ask(server, known.pinned, 'flood')).code,
    'VERIFIED',
    'what is known is never turned away',
  );
  assert.equal(answered, 40, 'all of the flood still wait: nobody was delayed by them');
  slow.remove();

  const verdicts = await Promise.all(flood);
  const shed = verdicts.filter(({ code }) => code === 'OVERLOADED');
  assert.equal(shed.length, 40);
  assert.ok(shed.every(({ allowed, verdict }) => allowed === false && verdict === 'inconclusive'));
  assert.match(
    shed[0]?.message ?? '',
    new RegExp(`${MOST} reviews of namespace flood wait.*hint: try again`),
  );
  assert.ok(verdicts.every(({ allowed, code }) => allowed === (code === 'VERIFIED')));
  assert.equal(await server.count('countersign_reviews_shed_total'), 40);
  await waiting(server, 0);
  assert.equal(BYTES_UNDER_WAY.total, 0);
});

test('a flood of one image that never comes does not keep it from others who ask for the same', async (t) => {
  const { registry, own, server } = await start(t);
  const slow = own.fault(HELD_BACK);
  const shared = signed(own);
  const flood = Array.from({ length: LIMITS.connectionsPerOrigin }, () =>
    ask(server, signed(own, 'flood/web').pinned, 'flood'),
  );
  flood.push(ask(server, shared.pinned, 'flood'));
  await waiting(server, LIMITS.connectionsPerOrigin + 1);
  assert.equal((await ask(server, shared.pinned, 'quiet')).code, 'VERIFIED');
  assert.equal((await ask(server, signed(registry).pinned, 'flood')).code, 'VERIFIED', 'another registry');
  assert.equal((await flood.at(-1))?.code, 'VERIFIED', 'what another namespace was given');
  await waiting(server, LIMITS.connectionsPerOrigin);
  slow.remove();
  for (const { code } of await Promise.all(flood)) assert.equal(code, 'VERIFIED');
  await waiting(server, 0);
});

test('past the bound the mode decides as ever, /mutate pins nothing, and nothing is left after deadlines and hang-ups', async (t) => {
  const { own, server } = await start(t);
  const hang = own.fault({ kind: 'hang' });
  const late = Array.from({ length: MOST }, () => ask(server, signed(own).pinned, 'trial', 2));
  for (const { code } of await Promise.all(late)) assert.equal(code, 'DEADLINE_EXCEEDED');
  await waiting(server, 0);
  const gone = await Promise.all(
    Array.from({ length: MOST }, async () => {
      const socket = await openTls(server);
      const body = JSON.stringify(podReview([signed(own).pinned], { namespace: 'trial' }));
      const length = Buffer.byteLength(body);
      socket.write(
        `POST /validate?timeout=30s HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`,
      );
      return socket;
    }),
  );
  await waiting(server, MOST);

  const image = signed(own);
  const warned = await ask(server, image.pinned, 'trial');
  assert.deepEqual([warned.allowed, warned.code, warned.verdict], [true, 'OVERLOADED', 'inconclusive']);
  assert.ok(server.lines.some(({ code, message }) => code === 'OVERLOADED' && message === 'allowed'));
  const mutated = await server.ask(podReview([image.reference], { namespace: 'trial' }), { door: '/mutate' });
  assert.deepEqual([mutated.allowed, mutated.patch], [true, undefined]);
  const several = podReview([image.reference, image.pinned], { namespace: 'trial' });
  assert.equal((await server.ask(several)).code, 'OVERLOADED');
  assert.equal(await server.count('countersign_reviews_shed_total'), 3, 'a review counts once');

  for (const socket of gone.slice(10)) socket.destroy();
  await waiting(server, 10);
  for (const socket of gone) socket.destroy();
  await waiting(server, 0);
  hang.remove();
  assert.equal((await ask(server, image.pinned, 'trial')).code, 'VERIFIED');
});

test('a Pod of very many images asks for them bit by bit, and is judged', async (t) => {
  const { registry, server } = await start(t);
  const images = Array.from({ length: 3 * LIMITS.waitsPerReview }, () => signed(registry).pinned);
  assert.equal((await server.ask(podReview(images))).code, 'VERIFIED');
  await waiting(server, 0);
});

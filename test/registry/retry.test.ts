// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { parseRetryAfter } from '../../src/registry/retry.ts';
import { at, clientFor, exchange, rawServer, registryFor, rejectsWith, until } from './world.ts';

test('5xx, 429 and broken connections are asked again, and counted', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  for (const fault of [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429 },
    { kind: 'reset' },
  ] as const) {
    const ordered = registry.fault({ ...fault, times: LIMITS.attempts - 1 });
    const asked = exchange();
    assert.equal((await clientFor(t).manifest(at(registry.host), image.digest, asked))?.digest, image.digest);
    assert.equal(asked.requests.length, LIMITS.attempts);
    ordered.remove();
  }
});

test('what fails at every attempt has its code', async (t) => {
  const registry = await registryFor(t);
  for (const [fault, code] of [
    [{ kind: 'status', status: 500 }, 'REGISTRY_ERROR'],
    [{ kind: 'status', status: 429 }, 'REGISTRY_RATE_LIMITED'],
    [{ kind: 'reset' }, 'REGISTRY_UNREACHABLE'],
  ] as const) {
    const ordered = registry.fault(fault);
    const asked = exchange();
    await rejectsWith(clientFor(t).resolveTag(at(registry.host), '1', asked), code);
    assert.equal(asked.requests.length, LIMITS.attempts);
    ordered.remove();
  }
  await registry.stop();
  const asked = exchange();
  await rejectsWith(
    clientFor(t).resolveTag(at(registry.host), '1', asked),
    'REGISTRY_UNREACHABLE',
    /refused/,
  );
  assert.equal(asked.requests.length, LIMITS.attempts);
});

test('4xx is final', async (t) => {
  const registry = await registryFor(t);
  for (const status of [400, 401, 403, 404, 409, 418]) {
    const ordered = registry.fault({ kind: 'status', status });
    const asked = exchange();
    await clientFor(t)
      .manifest(at(registry.host), { tag: '1' }, asked)
      .catch(() => {});
    assert.equal(asked.requests.length, 1, String(status));
    ordered.remove();
  }
});

test('Retry-After is waited for where it fits', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'status', status: 429, retryAfter: 1, times: 1 });
  const started = performance.now();
  const asked = exchange();
  await clientFor(t).resolveTag(at(registry.host), '1.0', asked);
  assert.ok(performance.now() - started >= 1_000);
  assert.deepEqual(asked.requests, ['manifest', 'manifest']);
});

test('Retry-After that does not fit before the deadline fails at once', async (t) => {
  const registry = await registryFor(t);
  const late = new Date(Date.now() + 60_000).toUTCString();
  for (const [status, retryAfter, code] of [
    [429, 30, 'REGISTRY_RATE_LIMITED'],
    [429, late, 'REGISTRY_RATE_LIMITED'],
    [429, 999_999_999, 'REGISTRY_RATE_LIMITED'],
    [503, 30, 'REGISTRY_ERROR'],
  ] as const) {
    const ordered = registry.fault({ kind: 'status', status, retryAfter });
    const asked = exchange(retryAfter === 999_999_999 ? Number.POSITIVE_INFINITY : 29_000);
    const started = performance.now();
    await rejectsWith(clientFor(t).resolveTag(at(registry.host), '1', asked), code);
    assert.ok(performance.now() - started < 20_000);
    assert.equal(asked.requests.length, 1);
    ordered.remove();
  }
});

test('Retry-After: seconds, dates, and what is neither', () => {
  const now = Date.parse('2027-01-01T00:00:00Z');
  for (const [text, expected] of [
    [undefined, undefined],
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Fri, 01 Jan 2027 00:00:30 GMT', 30_000],
    ['Thu, 31 Dec 2026 23:59:30 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['2027', 2_027_000],
    ['Fri, nonsense', undefined],
    ['9'.repeat(400), undefined],
  ] as const) {
    assert.equal(parseRetryAfter(text, now), expected, text);
  }
});

test('a registry that hangs: DEADLINE_EXCEEDED at the deadline, in whatever it hangs', async (t) => {
  const registry = await registryFor(t);
  registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'hang' });
  const silent = await rawServer(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{');
  });
  for (const host of [registry.host, silent.host]) {
    const started = performance.now();
    const client = clientFor(t, { transport: { idleMs: 600_000 } });
    await rejectsWith(client.manifest(at(host), { tag: '1.0' }, exchange(300)), 'DEADLINE_EXCEEDED');
    const took = performance.now() - started;
    assert.ok(took >= 290, `${took} ms`);
  }
});

test('a body that drips for ever ends at the deadline', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    const drip = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(drip));
  });
  await rejectsWith(clientFor(t).manifest(at(server.host), { tag: '1' }, exchange(300)), 'DEADLINE_EXCEEDED');
});

test('the error of a server whose error body never ends has the deadline too', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.writeHead(500).write('{');
  });
  await rejectsWith(clientFor(t).manifest(at(server.host), { tag: '1' }, exchange(300)), 'DEADLINE_EXCEEDED');
});

test('a registry that is idle longer than the limit is DEADLINE_EXCEEDED, before the deadline', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'hang' });
  const asked = exchange();
  const client = clientFor(t, { transport: { idleMs: 200 } });
  await rejectsWith(client.resolveTag(at(registry.host), '1', asked), 'DEADLINE_EXCEEDED', /no answer/);
  assert.equal(asked.requests.length, LIMITS.attempts);
});

test('a caller that goes away: CANCELLED at once, and the registry sees it', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'hang' });
  const gone = new AbortController();
  const asked = clientFor(t).resolveTag(at(registry.host), '1', exchange(60_000, gone.signal));
  await until(() => registry.requests.length > 0);
  gone.abort();
  await rejectsWith(asked, 'CANCELLED');
  await until(() => registry.requests[0]?.endedAt !== undefined);
});

test('a reason with a code of its own is what the call throws', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'hang' });
  const gone = new AbortController();
  const asked = clientFor(t).resolveTag(at(registry.host), '1', exchange(60_000, gone.signal));
  gone.abort(new CountersignError('DEADLINE_EXCEEDED', 'the review took too long'));
  await rejectsWith(asked, 'DEADLINE_EXCEEDED', /review/);
});

test('nothing is asked after the deadline, nor by who is gone', async (t) => {
  const registry = await registryFor(t);
  const client = clientFor(t);
  await rejectsWith(client.resolveTag(at(registry.host), '1', exchange(0)), 'DEADLINE_EXCEEDED');
  await rejectsWith(client.resolveTag(at(registry.host), '1', exchange(-5)), 'DEADLINE_EXCEEDED');
  await rejectsWith(
    client.resolveTag(at(registry.host), '1', exchange(60_000, AbortSignal.abort())),
    'CANCELLED',
  );
  assert.equal(registry.requests.length, 0);
});

test('a deadline that moves while the request is under way is kept', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'latency', milliseconds: 400 });
  const shared = { ...exchange(150) };
  const asked = clientFor(t).resolveTag(at(registry.host), '1.0', shared);
  shared.deadline += 60_000;
  assert.equal(await asked, image.digest);
});

test('a wait between attempts ends when the caller goes away', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'status', status: 429, retryAfter: 5 });
  const gone = new AbortController();
  const asked = clientFor(t).resolveTag(at(registry.host), '1', exchange(60_000, gone.signal));
  await until(() => registry.requests.some(({ status }) => status === 429));
  await sleep(20);
  gone.abort();
  await rejectsWith(asked, 'CANCELLED');
});

test('more simultaneous requests than connections all get their answer', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app', { tag: '1.0' });
  registry.fault({ kind: 'latency', milliseconds: 5 });
  const client = clientFor(t);
  const count = LIMITS.connectionsPerOrigin * 3;
  const found = await Promise.all(
    Array.from({ length: count }, () => client.manifest(at(registry.host), image.digest, exchange())),
  );
  assert.ok(found.every((manifest) => manifest?.digest === image.digest));
});

test('a request that waits for a free connection has its deadline', async (t) => {
  const registry = await registryFor(t);
  registry.fault({ kind: 'hang', times: LIMITS.connectionsPerOrigin });
  const client = clientFor(t);
  const gone = new AbortController();
  // Half of the connections are for one namespace.
  const holding = Array.from({ length: LIMITS.connectionsPerOrigin }, () =>
    client.resolveTag(at(registry.host), '1', exchange(60_000, gone.signal)).catch(() => {}),
  );
  await until(() => registry.requests.length === LIMITS.connectionsPerOrigin / 2);
  await rejectsWith(client.resolveTag(at(registry.host), '1', exchange(200)), 'DEADLINE_EXCEEDED');
  assert.ok(registry.requests.every(({ endedAt }) => endedAt === undefined));
  gone.abort();
  await Promise.all(holding);
});

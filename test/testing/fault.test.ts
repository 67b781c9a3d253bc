// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { startTestRegistry, type TestRegistryOptions } from '../../src/testing/index.ts';

async function registryFor(t: TestContext, options?: TestRegistryOptions) {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  const image = registry.pushImage('web', { tag: 'a' });
  return { registry, image, url: `${registry.url}/v2/web/manifests/a` };
}

test('latency holds the answer back, and several add up', async (t) => {
  const { registry, url } = await registryFor(t);
  registry.fault({ kind: 'latency', milliseconds: 30 });
  registry.fault({ kind: 'latency', milliseconds: 30, match: { kind: 'manifest' } });
  const before = performance.now();
  assert.equal((await fetch(url)).status, 200);
  assert.ok(performance.now() - before >= 58);
});

test('a latency that is removed holds nothing back any more, and leaves what others add', async (t) => {
  const { registry, url } = await registryFor(t);
  const held = registry.fault({ kind: 'latency', milliseconds: 600_000 });
  const short = registry.fault({ kind: 'latency', milliseconds: 30 });
  const before = performance.now();
  const asked = [fetch(url), fetch(url)];
  while (held.hits < asked.length) await new Promise((resolve) => setImmediate(resolve));
  held.remove();
  for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  assert.ok(performance.now() - before >= 28);
  assert.equal(short.hits, 2);
  short.remove();
  registry.fault({ kind: 'latency', milliseconds: 600_000 });
  const cleared = fetch(url);
  while (registry.requests.length < 3) await new Promise((resolve) => setImmediate(resolve));
  registry.clearFaults();
  assert.equal((await cleared).status, 200);
});

test('a status comes in the form of the spec, with Retry-After, so many times', async (t) => {
  const { registry, url } = await registryFor(t);
  const fault = registry.fault({ kind: 'status', status: 429, retryAfter: 7, times: 2 });
  for (const expected of [429, 429, 200]) {
    const response = await fetch(url);
    assert.equal(response.status, expected);
    assert.equal(response.headers.get('retry-after'), expected === 429 ? '7' : null);
    assert.equal('errors' in ((await response.json()) as object), expected === 429);
  }
  assert.equal(fault.hits, 2);
});

test('a status comes before any authorization; what changes an answer after it', async (t) => {
  const { registry, url } = await registryFor(t, { auth: { kind: 'basic', users: [] } });
  const body = registry.fault({ kind: 'body', body: 'x' });
  assert.equal((await fetch(url)).status, 401);
  assert.equal(body.hits, 0);
  registry.fault({ kind: 'status', status: 503 });
  assert.equal((await fetch(url)).status, 503);
});

test('a fault meets only what it matches, and can be removed', async (t) => {
  const { registry, url } = await registryFor(t);
  const matches = [
    { kind: 'blob' },
    { method: 'HEAD' },
    { path: '/manifests/b' },
    { path: /tags\/list/ },
  ] as const;
  for (const match of matches) registry.fault({ kind: 'status', status: 500, match });
  assert.equal((await fetch(url)).status, 200);
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 500);
  assert.equal((await fetch(`${registry.url}/v2/web/tags/list?n=1`)).status, 500);
  registry.clearFaults();
  const fault = registry.fault({ kind: 'status', status: 500 });
  assert.equal((await fetch(url)).status, 500);
  fault.remove();
  assert.equal((await fetch(url)).status, 200);
});

test('truncate promises the whole and sends a part', async (t) => {
  const { registry, url, image } = await registryFor(t);
  registry.fault({ kind: 'truncate', bytes: 10 });
  const response = await fetch(url);
  assert.equal(response.headers.get('content-length'), `${image.size}`);
  await assert.rejects(response.arrayBuffer());
});

test('wrong-bytes keeps length and headers, not the digest', async (t) => {
  const { registry, url, image } = await registryFor(t);
  registry.fault({ kind: 'wrong-bytes' });
  const response = await fetch(url);
  assert.equal(response.headers.get('docker-content-digest'), image.digest);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(bytes.length, image.size);
  assert.notEqual(digestOf(bytes), image.digest);
  assert.equal(registry.manifest('web', 'a')?.digest, digestOf(image.manifest));
});

test('oversize streams as much as ordered, declared or not, without holding it', async (t) => {
  const { registry, url } = await registryFor(t);
  const size = 50 * 1024 * 1024;
  for (const declared of [true, false]) {
    const fault = registry.fault({ kind: 'oversize', bytes: size, declared });
    const response = await fetch(url);
    assert.equal(response.headers.get('content-length'), declared ? `${size}` : null);
    let received = 0;
    for await (const chunk of response.body ?? []) received += chunk.length;
    assert.equal(received, size);
    fault.remove();
  }
  registry.fault({ kind: 'oversize', bytes: 1e12 });
  const abort = new AbortController();
  await fetch(url, { signal: abort.signal });
  abort.abort();
});

test('body puts another body and type in place', async (t) => {
  const { registry, url } = await registryFor(t);
  const html = registry.fault({ kind: 'body', body: '<html>' });
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/html');
  assert.equal(await response.text(), '<html>');
  html.remove();
  const link = '<?again>; rel="next"';
  registry.fault({
    kind: 'body',
    body: '{}',
    contentType: 'application/json',
    status: 404,
    headers: { link },
  });
  const other = await fetch(url);
  assert.deepEqual([other.status, other.headers.get('link'), await other.text()], [404, link, '{}']);
});

test('headers are set and taken away, beside other faults', async (t) => {
  const { registry, url } = await registryFor(t);
  registry.fault({
    kind: 'headers',
    headers: { 'docker-content-digest': undefined, 'content-type': 'text/plain' },
  });
  registry.fault({ kind: 'wrong-bytes' });
  const response = await fetch(url);
  assert.equal(response.headers.get('docker-content-digest'), null);
  assert.equal(response.headers.get('content-type'), 'text/plain');
});

test('redirect goes to another registry, a URL, or around in a loop', async (t) => {
  const { registry, url, image } = await registryFor(t);
  const { registry: other } = await registryFor(t);
  const to = registry.fault({ kind: 'redirect', to: other, times: 1 });
  const response = await fetch(url, { headers: { authorization: 'Basic eDp5' } });
  assert.equal(response.url, `${other.url}/v2/web/manifests/a`);
  assert.equal(digestOf(new Uint8Array(await response.arrayBuffer())), image.digest);
  assert.equal(other.requests[0]?.authorization, 'none');
  assert.equal(to.hits, 1);
  registry.fault({ kind: 'redirect', to: 'https://elsewhere.example/x', status: 302, times: 1 });
  const plain = await fetch(url, { redirect: 'manual' });
  assert.deepEqual([plain.status, plain.headers.get('location')], [302, 'https://elsewhere.example/x']);
  registry.fault({ kind: 'redirect', to: 'loop' });
  await assert.rejects(fetch(url));
});

test('hang never answers, and the log tells when the client gave up', async (t) => {
  const { registry, url } = await registryFor(t);
  registry.fault({ kind: 'hang', match: { kind: 'manifest' } });
  await assert.rejects(fetch(url, { signal: AbortSignal.timeout(50) }));
  while (registry.requests[0]?.endedAt === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(registry.requests[0]?.status, 0);
});

test('reset cuts the connection', async (t) => {
  const { registry, url } = await registryFor(t);
  registry.fault({ kind: 'reset' });
  const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
    const request = httpRequest(url, (response: IncomingMessage) =>
      reject(new Error(`${response.statusCode}`)),
    );
    request.once('error', resolve).end();
  });
  assert.equal(error.code, 'ECONNRESET');
});

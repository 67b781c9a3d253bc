// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { at, clientFor, exchange, rawServer, registryFor, rejectsWith } from './world.ts';

test('all tags of a repository', async (t) => {
  const registry = await registryFor(t);
  for (const tag of ['1.0', '1.1', 'latest']) registry.pushImage('acme/app', { tag });
  const asked = exchange();
  assert.deepEqual(await clientFor(t).tags(at(registry.host), asked), ['1.0', '1.1', 'latest']);
  assert.deepEqual(asked.requests, ['tags']);
});

test('over all pages', async (t) => {
  const server = await rawServer(t, (request, response) => {
    const last = new URL(request.url ?? '', 'http://x').searchParams.get('last');
    if (last === null) response.setHeader('link', '</v2/acme/app/tags/list?n=1&last=a>; rel="next"');
    response.end(JSON.stringify({ name: 'acme/app', tags: [last === null ? 'a' : 'b'] }));
  });
  assert.deepEqual(await clientFor(t).tags(at(server.host), exchange()), ['a', 'b']);
});

test('a repository that is not there is IMAGE_NOT_FOUND, one without tags an empty list', async (t) => {
  const registry = await registryFor(t);
  await rejectsWith(clientFor(t).tags(at(registry.host), exchange()), 'IMAGE_NOT_FOUND');
  for (const tags of [null, [], undefined]) {
    const server = await rawServer(t, (_request, response) =>
      response.end(JSON.stringify({ name: 'acme/app', tags })),
    );
    assert.deepEqual(await clientFor(t).tags(at(server.host), exchange()), []);
  }
});

test('what is not a list of tags is RESPONSE_MALFORMED', async (t) => {
  for (const tags of ['x', {}, [1], ['a/b'], [''], ['x'.repeat(129)], ['a\nb']]) {
    const server = await rawServer(t, (_request, response) => response.end(JSON.stringify({ tags })));
    await rejectsWith(clientFor(t).tags(at(server.host), exchange()), 'RESPONSE_MALFORMED');
  }
});

test('the limit of tags is read, one more is LIMIT_EXCEEDED', async (t) => {
  const server = await rawServer(t, (request, response) => {
    const tags = new Array<string>(LIMITS.tags / 2).fill('t');
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 1);
    const more = page < 2 || request.url?.includes('more');
    if (more)
      response.setHeader(
        'link',
        `<?page=${page + 1}${request.url?.includes('more') ? '&more' : ''}>; rel="next"`,
      );
    response.end(JSON.stringify({ tags: page > 2 ? ['one'] : tags }));
  });
  assert.equal((await clientFor(t).tags(at(server.host), exchange())).length, LIMITS.tags);
});

test('one tag over the limit is LIMIT_EXCEEDED', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.end(JSON.stringify({ tags: new Array<string>(LIMITS.tags + 1).fill('t') }));
  });
  await rejectsWith(clientFor(t).tags(at(server.host), exchange()), 'LIMIT_EXCEEDED');
});

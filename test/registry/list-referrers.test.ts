// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { digestOf } from '../../src/image/digest.ts';
import { LIMITS } from '../../src/limits.ts';
import { at, clientFor, credentialFor, exchange, rawServer, registryFor, rejectsWith } from './world.ts';

const IMAGE = digestOf(Buffer.from('image'));
const INDEX = 'application/vnd.oci.image.index.v1+json';

function descriptors(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(Buffer.from(`${from + index}`)),
    size: 500,
  }));
}

/** Serves one page, with what comes next in the Link header. */
function pageOf(manifests: unknown, link?: string): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', INDEX);
    if (link !== undefined) response.setHeader('link', link);
    response.end(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests }));
  };
}

test('what refers to an image, with artifact type and annotations', async (t) => {
  const registry = await registryFor(t);
  const image = registry.pushImage('acme/app');
  const referrer = registry.putManifest(
    'acme/app',
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/x',
      subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
      annotations: { a: 'b' },
    }),
  );
  const asked = exchange();
  const found = await clientFor(t).referrers(at(registry.host), image.digest, asked);
  assert.deepEqual(found, [
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: referrer.digest,
      size: referrer.size,
      artifactType: 'application/x',
      annotations: { a: 'b' },
    },
  ]);
  assert.deepEqual(asked.requests, ['referrers']);
  assert.equal(registry.requests[0]?.path, `/v2/acme/app/referrers/${image.digest}`);
});

test('no referrers is an empty list', async (t) => {
  const registry = await registryFor(t);
  const { digest } = registry.pushImage('acme/app');
  assert.deepEqual(await clientFor(t).referrers(at(registry.host), digest, exchange()), []);
});

test('404, 400 and 406: the API is not there; another content type: what answers is not it', async (t) => {
  for (const [status, type] of [
    [404, 'application/json'],
    [404, 'text/html'],
    [400, 'application/json'],
    [406, 'application/json'],
    [200, 'application/json'],
    [200, 'text/html'],
  ] as const) {
    const server = await rawServer(t, (_request, response) => {
      response.writeHead(status, { 'content-type': type }).end('{"manifests":[]}');
    });
    const asked = exchange();
    assert.equal(
      await clientFor(t).referrers(at(server.host), IMAGE, asked),
      status === 200 ? 'foreign' : 'unsupported',
      `${status} ${type}`,
    );
    assert.deepEqual(asked.requests, ['referrers']);
  }
});

test('every other status is an error, never "no API"', async (t) => {
  for (const [status, code] of [
    [401, 'REGISTRY_UNAUTHORIZED'],
    [403, 'REGISTRY_UNAUTHORIZED'],
    [405, 'REGISTRY_ERROR'],
    [410, 'REGISTRY_ERROR'],
    [204, 'REGISTRY_ERROR'],
    [500, 'REGISTRY_ERROR'],
    [503, 'REGISTRY_ERROR'],
    [429, 'REGISTRY_RATE_LIMITED'],
  ] as const) {
    const server = await rawServer(t, (_request, response) => response.writeHead(status).end());
    await rejectsWith(clientFor(t).referrers(at(server.host), IMAGE, exchange()), code);
  }
});

test('the content type may have parameters and any case', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response.setHeader('content-type', 'Application/vnd.oci.Image.Index.v1+JSON; charset=utf-8');
    response.end('{"manifests":[]}');
  });
  assert.deepEqual(await clientFor(t).referrers(at(server.host), IMAGE, exchange()), []);
});

test('all pages are read', async (t) => {
  const registry = await registryFor(t, { referrers: { pageSize: 2 } });
  const image = registry.pushImage('acme/app');
  const pushed = [1, 2, 3, 4, 5].map((number) =>
    registry.putManifest(
      'acme/app',
      JSON.stringify({ schemaVersion: 2, number, subject: { digest: image.digest, size: image.size } }),
    ),
  );
  const asked = exchange();
  const found = await clientFor(t).referrers(at(registry.host), image.digest, asked);
  assert.ok(Array.isArray(found));
  assert.deepEqual(new Set(found.map(({ digest }) => digest)), new Set(pushed.map(({ digest }) => digest)));
  assert.deepEqual(asked.requests, ['referrers', 'referrers', 'referrers']);
});

test('the limit of referrers is read, one more is LIMIT_EXCEEDED', async (t) => {
  const largest = await rawServer(t, pageOf(descriptors(LIMITS.referrers)));
  const found = await clientFor(t).referrers(at(largest.host), IMAGE, exchange());
  assert.equal(found.length, LIMITS.referrers);
  const larger = await rawServer(t, pageOf(descriptors(LIMITS.referrers + 1)));
  await rejectsWith(clientFor(t).referrers(at(larger.host), IMAGE, exchange()), 'LIMIT_EXCEEDED');
});

test('pages without end are LIMIT_EXCEEDED after the limit of pages', async (t) => {
  for (const manifests of [[], descriptors(1)]) {
    const server = await rawServer(t, (request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 0);
      pageOf(manifests, `<?page=${page + 1}>; rel="next"`)(request, response);
    });
    const asked = exchange();
    await rejectsWith(clientFor(t).referrers(at(server.host), IMAGE, asked), 'LIMIT_EXCEEDED', /pages/);
    assert.equal(asked.requests.length, LIMITS.pages);
  }
});

test('as many pages as the limit are read', async (t) => {
  const server = await rawServer(t, (request, response) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 1);
    pageOf(descriptors(1, page), page < LIMITS.pages ? `<?page=${page + 1}>; rel=next` : undefined)(
      request,
      response,
    );
  });
  assert.equal((await clientFor(t).referrers(at(server.host), IMAGE, exchange())).length, LIMITS.pages);
});

test('a list does not go on at another host, and no credential goes there', async (t) => {
  const thief = await rawServer(t, pageOf([]));
  const other = `http://127.0.0.1:${thief.port}/v2/acme/app/referrers/${IMAGE}`;
  for (const link of [
    `<${other}>; rel="next"`,
    `<//127.0.0.1:${thief.port}/x>; rel="next"`,
    '<https://evil.example/>; rel=next',
  ]) {
    const server = await rawServer(t, (request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        return;
      }
      pageOf(descriptors(1), link)(request, response);
    });
    const client = clientFor(t, { credentials: credentialFor(server.host) });
    await rejectsWith(
      client.referrers(at(server.host), IMAGE, exchange()),
      'RESPONSE_MALFORMED',
      /goes on at/,
    );
  }
  assert.equal(thief.requests.length, 0);
});

test('a next page with a user name in its URL is refused', async (t) => {
  const server = await rawServer(t, (request, response) => {
    pageOf([], `<http://eve:x@${request.headers.host}/next>; rel="next"`)(request, response);
  });
  await rejectsWith(clientFor(t).referrers(at(server.host), IMAGE, exchange()), 'REDIRECT_FORBIDDEN');
  assert.equal(server.requests.length, 1);
});

test('a list that breaks off is an error, never a shorter list', async (t) => {
  for (const second of [
    { status: 404, type: INDEX, code: 'REGISTRY_ERROR' },
    { status: 200, type: 'text/html', code: 'RESPONSE_MALFORMED' },
  ] as const) {
    const server = await rawServer(t, (request, response) => {
      if (!request.url?.includes('page'))
        return pageOf(descriptors(1), '<?page=2>; rel="next"')(request, response);
      response.writeHead(second.status, { 'content-type': second.type }).end('<html>');
    });
    await rejectsWith(clientFor(t).referrers(at(server.host), IMAGE, exchange()), second.code);
  }
});

test('links that are not to a next page end the list', async (t) => {
  for (const link of [
    '<?page=2>; rel="last"',
    '<?page=2>',
    '<?page=2>; title="rel=next"; rel=prev',
    'junk',
    '<?a>; rel="nextish"',
  ]) {
    const server = await rawServer(t, pageOf([], link));
    assert.deepEqual(await clientFor(t).referrers(at(server.host), IMAGE, exchange()), [], link);
  }
});

test('the next page is found among other links and relations', async (t) => {
  for (const link of [
    '<?a>; rel="first", <?page=2>; rel="next"',
    '<?page=2>;rel=next;x=y',
    '<?page=2>; title="x"; rel="last next"',
  ]) {
    const server = await rawServer(t, (request, response) => {
      pageOf(descriptors(1), request.url?.endsWith('page=2') ? undefined : link)(request, response);
    });
    const found = await clientFor(t).referrers(at(server.host), IMAGE, exchange());
    assert.equal(found.length, 2, link);
  }
});

test('what is not a list of descriptors is RESPONSE_MALFORMED', async (t) => {
  const good = descriptors(1)[0];
  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '{"manifests":null}',
    '{"manifests":{}}',
    '{"manifests":[null]}',
    '{"manifests":["x"]}',
    JSON.stringify({ manifests: [{ ...good, digest: 'sha256:AA' }] }),
    JSON.stringify({ manifests: [{ ...good, digest: undefined }] }),
    JSON.stringify({ manifests: [{ ...good, size: -1 }] }),
    JSON.stringify({ manifests: [{ ...good, size: 1.5 }] }),
    JSON.stringify({ manifests: [{ ...good, size: '1' }] }),
    JSON.stringify({ manifests: [{ ...good, size: 2 ** 60 }] }),
    JSON.stringify({ manifests: [{ ...good, mediaType: 7 }] }),
    JSON.stringify({ manifests: [{ ...good, artifactType: {} }] }),
    JSON.stringify({ manifests: [{ ...good, annotations: [] }] }),
    JSON.stringify({ manifests: [{ ...good, annotations: { a: 1 } }] }),
    '['.repeat(60),
    '\u00ff',
  ]) {
    const server = await rawServer(t, (_request, response) => {
      response.setHeader('content-type', INDEX).end(Buffer.from(body, 'latin1'));
    });
    await rejectsWith(clientFor(t).referrers(at(server.host), IMAGE, exchange()), 'RESPONSE_MALFORMED');
  }
});

test('a list of more bytes than a manifest may have is LIMIT_EXCEEDED', async (t) => {
  const server = await rawServer(t, (_request, response) => {
    response
      .setHeader('content-type', INDEX)
      .end(`{"manifests":[],"x":"${'x'.repeat(LIMITS.manifestBytes)}"}`);
  });
  await rejectsWith(clientFor(t).referrers(at(server.host), IMAGE, exchange()), 'LIMIT_EXCEEDED');
});

test('the bytes of all pages are told as they arrive, and may be refused', async (t) => {
  const manifests = descriptors(2);
  const { length } = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  const server = await rawServer(t, (request, response) => {
    const next = request.url?.endsWith('more') ? undefined : '</v2/acme/app/more>; rel="next"';
    pageOf(manifests, next)(request, response);
  });
  let taken = 0;
  const take = (bytes: number) => {
    taken += bytes;
  };
  await clientFor(t).referrers(at(server.host), IMAGE, exchange(), { take });
  assert.equal(taken, 2 * length);
  const refuse = () => {
    throw new CountersignError('LIMIT_EXCEEDED', 'no room');
  };
  await rejectsWith(
    clientFor(t).referrers(at(server.host), IMAGE, exchange(), { take: refuse }),
    'LIMIT_EXCEEDED',
    /no room/,
  );
});

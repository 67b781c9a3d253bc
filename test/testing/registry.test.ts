// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import { startTestRegistry, type TestRegistryOptions } from '../../src/testing/index.ts';

async function registryFor(t: TestContext, options?: TestRegistryOptions) {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  return registry;
}

const code = async (response: Response): Promise<unknown> => {
  const body = (await response.json()) as { errors: { code: string }[] };
  return body.errors[0]?.code;
};

describe('pulling', () => {
  test('a pushed image is there by tag and by digest, with its type and digest', async (t) => {
    const registry = await registryFor(t);
    const image = registry.pushImage('acme/web', { tag: '1.0' });
    for (const reference of ['1.0', image.digest, encodeURIComponent(image.digest)]) {
      const response = await fetch(`${registry.url}/v2/acme/web/manifests/${reference}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('content-type'), 'application/vnd.oci.image.manifest.v1+json');
      assert.equal(response.headers.get('docker-content-digest'), image.digest);
      assert.deepEqual(new Uint8Array(await response.arrayBuffer()), new Uint8Array(image.manifest));
    }
    assert.equal(image.reference, `${registry.host}/acme/web:1.0`);
    assert.equal(image.pinned, `${registry.host}/acme/web@${image.digest}`);
  });

  test('HEAD answers with the size and no body', async (t) => {
    const registry = await registryFor(t);
    const image = registry.pushImage('web', { tag: 'a', format: 'docker' });
    const response = await fetch(`${registry.url}/v2/web/manifests/a`, { method: 'HEAD' });
    assert.equal(response.headers.get('content-length'), `${image.size}`);
    assert.equal(
      response.headers.get('content-type'),
      'application/vnd.docker.distribution.manifest.v2+json',
    );
    assert.equal(await response.text(), '');
  });

  test('blobs of an image can be pulled and have their digest', async (t) => {
    const registry = await registryFor(t);
    const image = registry.pushImage('web');
    for (const blob of image.blobs) {
      const digest = digestOf(blob);
      const response = await fetch(`${registry.url}/v2/web/blobs/${digest}`);
      assert.equal(digestOf(new Uint8Array(await response.arrayBuffer())), digest);
    }
  });

  test('what is not there is a 404 in the form of the spec', async (t) => {
    const registry = await registryFor(t);
    registry.pushImage('web', { tag: 'a' });
    const missing = `sha256:${'0'.repeat(64)}`;
    const answers = {
      'web/manifests/b': 'MANIFEST_UNKNOWN',
      [`web/manifests/${missing}`]: 'MANIFEST_UNKNOWN',
      [`web/blobs/${missing}`]: 'BLOB_UNKNOWN',
      'other/tags/list': 'NAME_UNKNOWN',
    };
    for (const [path, expected] of Object.entries(answers)) {
      const response = await fetch(`${registry.url}/v2/${path}`);
      assert.equal(response.status, 404, path);
      assert.equal(await code(response), expected, path);
    }
    assert.equal((await fetch(`${registry.url}/v2/Upper/tags/list`)).status, 400);
    for (const path of ['/elsewhere', '//', '/v2/web/manifests/%zz']) {
      assert.equal((await fetch(registry.url + path)).status, 404, path);
    }
    assert.equal((await fetch(`${registry.url}/v2/`)).status, 200);
  });

  test('an index names its children with platforms', async (t) => {
    const registry = await registryFor(t);
    const children = [
      registry.pushImage('web', { content: 'a' }),
      registry.pushImage('web', { content: 'b' }),
    ];
    const index = registry.pushIndex('web', children, { tag: 'multi' });
    const response = await fetch(`${registry.url}/v2/web/manifests/multi`);
    assert.equal(response.headers.get('content-type'), 'application/vnd.oci.image.index.v1+json');
    const body = (await response.json()) as {
      manifests: { digest: string; platform: { architecture: string } }[];
    };
    assert.deepEqual(
      body.manifests.map(({ digest, platform }) => [digest, platform.architecture]),
      [
        [children[0]?.digest, 'amd64'],
        [children[1]?.digest, 'arm64'],
      ],
    );
    assert.equal(registry.manifest('web', 'multi')?.digest, index.digest);
    assert.equal(registry.manifests('web').length, 3);
  });
});

describe('tags', () => {
  const list = async (url: string) => {
    const response = await fetch(url);
    const { tags } = (await response.json()) as { tags: string[] };
    return { tags, link: response.headers.get('link') };
  };

  test('are listed in order, page by page', async (t) => {
    const registry = await registryFor(t);
    for (const tag of ['c', 'a', 'b']) registry.pushImage('web', { tag });
    const first = await list(`${registry.url}/v2/web/tags/list?n=2`);
    assert.deepEqual(first.tags, ['a', 'b']);
    const next = /^<(.+)>; rel="next"$/.exec(first.link ?? '')?.[1] ?? '';
    assert.deepEqual(await list(new URL(next, registry.url).href), { tags: ['c'], link: null });
    assert.deepEqual((await list(`${registry.url}/v2/web/tags/list`)).tags, ['a', 'b', 'c']);
  });

  test('can be moved and deleted', async (t) => {
    const registry = await registryFor(t);
    const [one, two] = [
      registry.pushImage('web', { tag: 'v' }),
      registry.pushImage('web', { content: 'two' }),
    ];
    registry.tag('web', 'v', two.digest);
    const response = await fetch(`${registry.url}/v2/web/manifests/v`, { method: 'HEAD' });
    assert.equal(response.headers.get('docker-content-digest'), two.digest);
    assert.equal(registry.deleteTag('web', 'v'), true);
    assert.equal(registry.deleteTag('web', 'v'), false);
    assert.ok(registry.manifest('web', one.digest));
  });
});

describe('deleting over HTTP', () => {
  test('a manifest goes with its tags, a tag without its manifest', async (t) => {
    const registry = await registryFor(t);
    const image = registry.pushImage('web', { tag: 'a' });
    registry.tag('web', 'b', image.digest);
    const remove = (path: string) => fetch(`${registry.url}/v2/web/${path}`, { method: 'DELETE' });
    assert.equal((await remove('manifests/a')).status, 202);
    assert.deepEqual(registry.tags('web'), ['b']);
    assert.equal((await remove(`manifests/${image.digest}`)).status, 202);
    assert.deepEqual(registry.tags('web'), []);
    assert.equal((await remove(`manifests/${image.digest}`)).status, 404);
    const [blob = new Uint8Array()] = image.blobs;
    assert.equal((await remove(`blobs/${digestOf(blob)}`)).status, 202);
    assert.equal(registry.blob('web', digestOf(blob)), undefined);
  });
});

describe('the log', () => {
  test('names kind, status, credential kind and host, and can be cleared', async (t) => {
    const registry = await registryFor(t);
    registry.pushImage('web', { tag: 'a' });
    await (await fetch(`${registry.url}/v2/web/manifests/a?x=1`)).text();
    const headers = { authorization: 'Basic Zm9vOmJhcg==' };
    await (await fetch(`${registry.url}/v2/web/referrers/sha256:00`, { headers })).text();
    assert.deepEqual(
      registry.requests.map(({ method, path, kind, status, authorization, host }) => [
        method,
        path,
        kind,
        status,
        authorization,
        host,
      ]),
      [
        ['GET', '/v2/web/manifests/a?x=1', 'manifest', 200, 'none', registry.host],
        ['GET', '/v2/web/referrers/sha256:00', 'referrers', 400, 'basic', registry.host],
      ],
    );
    assert.ok(!JSON.stringify(registry.requests).includes('Zm9v'));
    registry.clearRequests();
    assert.deepEqual(registry.requests, []);
  });
});

describe('an outage', () => {
  test('stop cuts idle and waiting connections, start brings the same port and content back', async (t) => {
    const registry = await registryFor(t);
    registry.pushImage('web', { tag: 'a' });
    const url = `${registry.url}/v2/web/manifests/a`;
    await (await fetch(url)).text();
    registry.fault({ kind: 'hang', times: 1 });
    const waiting = assert.rejects(fetch(url));
    while (registry.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const before = performance.now();
    await registry.stop();
    await waiting;
    assert.ok(performance.now() - before < 60_000);
    await assert.rejects(fetch(url));
    await registry.start();
    assert.equal((await fetch(url)).status, 200);
  });
});

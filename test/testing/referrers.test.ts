// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startTestRegistry, type TestRegistryOptions } from '../../src/testing/index.ts';

async function registryFor(t: TestContext, options?: TestRegistryOptions) {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  const image = registry.pushImage('web', { tag: 'a' });
  const push = (name: string, artifactType: string) =>
    registry.putManifest(
      'web',
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType,
        config: { mediaType: 'application/vnd.oci.empty.v1+json' },
        annotations: { name },
        subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
      }),
    );
  return { registry, image, push, url: `${registry.url}/v2/web/referrers/${image.digest}` };
}

type Page = { manifests: { digest: string; artifactType?: string; annotations?: Record<string, string> }[] };

test('lists what names the image as its subject, with type and annotations', async (t) => {
  const { push, url } = await registryFor(t);
  assert.deepEqual(((await (await fetch(url)).json()) as Page).manifests, []);
  const { digest, size, mediaType } = push('one', 'application/x');
  const response = await fetch(url);
  assert.equal(response.headers.get('content-type'), 'application/vnd.oci.image.index.v1+json');
  const expected = { mediaType, digest, size, artifactType: 'application/x', annotations: { name: 'one' } };
  assert.deepEqual(((await response.json()) as Page).manifests, [expected]);
});

test('an unknown digest has no referrers; what is no digest is a 400', async (t) => {
  const { registry } = await registryFor(t);
  const response = await fetch(`${registry.url}/v2/nowhere/referrers/sha256:${'0'.repeat(64)}`);
  assert.equal(response.status, 200);
  assert.equal((await fetch(`${registry.url}/v2/web/referrers/latest`)).status, 400);
});

test('filters by artifactType and says so', async (t) => {
  const { push, url } = await registryFor(t);
  push('one', 'application/x');
  push('two', 'application/y+json');
  const response = await fetch(`${url}?artifactType=${encodeURIComponent('application/y+json')}`);
  assert.equal(response.headers.get('oci-filters-applied'), 'artifactType');
  const { manifests } = (await response.json()) as Page;
  assert.deepEqual(
    manifests.map(({ annotations }) => annotations?.['name']),
    ['two'],
  );
});

test('pages carry a Link to the next', async (t) => {
  const { registry, push, url } = await registryFor(t, { referrers: { pageSize: 2 } });
  for (const name of ['one', 'two', 'three']) push(name, 'application/x');
  push('four', 'application/y');
  const sizes: number[] = [];
  let next: string | undefined = `${url}?artifactType=application/x`;
  while (next) {
    const response: Response = await fetch(new URL(next, registry.url));
    sizes.push(((await response.json()) as Page).manifests.length);
    next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
  }
  assert.deepEqual(sizes, [2, 1]);
});

test('can err as real registries do: config type for artifactType, no filter, no annotations', async (t) => {
  const { push, url } = await registryFor(t, {
    referrers: { artifactType: 'config', filter: false, annotations: false },
  });
  push('one', 'application/x');
  const response = await fetch(`${url}?artifactType=application/x`);
  assert.equal(response.headers.get('oci-filters-applied'), null);
  const [descriptor] = ((await response.json()) as Page).manifests;
  assert.equal(descriptor?.artifactType, 'application/vnd.oci.empty.v1+json');
  assert.equal(descriptor?.annotations, undefined);
});

test('off, the API is a 404 and a push says nothing of subjects; on, OCI-Subject confirms', async (t) => {
  for (const referrers of [false, true]) {
    const { registry, image, url } = await registryFor(t, { referrers });
    assert.equal((await fetch(url)).status, referrers ? 200 : 404);
    const response = await fetch(`${registry.url}/v2/web/manifests/x`, {
      method: 'PUT',
      headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
      body: JSON.stringify({ schemaVersion: 2, subject: { digest: image.digest } }),
    });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get('oci-subject'), referrers ? image.digest : null);
    assert.equal(registry.hasReferrers, referrers);
  }
});

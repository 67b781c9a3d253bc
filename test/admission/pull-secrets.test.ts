// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPullSecrets } from '../../src/admission/index.ts';
import { POD_KINDS } from '../../src/admission/kinds.ts';
import { LIMITS } from '../../src/limits.ts';
import { podRequest, podUpdate } from './requests.ts';

test('every kind that holds a pod spec names its secrets and its ServiceAccount', () => {
  const spec = { serviceAccountName: 'builder', imagePullSecrets: [{ name: 'a' }, { name: 'b' }] };
  for (const { groups, kind, resource, podSpec } of POD_KINDS) {
    const object = podSpec.reduceRight<unknown>((inner, name) => ({ [name]: inner }), spec);
    const found = readPullSecrets(podRequest({ group: groups[0] ?? '', kind, resource, object }));
    assert.deepEqual(
      found,
      { namespace: 'team-a', serviceAccount: 'builder', secrets: ['a', 'b'], leftOut: 0 },
      kind,
    );
  }
});

test('an ephemeral container is pulled with the secrets of its Pod', () => {
  const spec = {
    imagePullSecrets: [{ name: 'a' }],
    ephemeralContainers: [{ name: 'debug', image: 'debug:1' }],
  };
  const request = podUpdate({}, spec, { subResource: 'ephemeralcontainers' });
  assert.deepEqual(readPullSecrets(request).secrets, ['a']);
});

test('without a ServiceAccount it is default, and the old name of the field counts too', () => {
  for (const [spec, account] of [
    [{}, 'default'],
    [{ serviceAccountName: '' }, 'default'],
    [{ serviceAccount: 'old' }, 'old'],
    [{ serviceAccountName: 'new', serviceAccount: 'old' }, 'new'],
    [{ serviceAccountName: '../secrets/x' }, 'default'],
    [{ serviceAccountName: 7 }, 'default'],
  ] as const) {
    assert.equal(readPullSecrets(podRequest({ object: { spec } })).serviceAccount, account);
  }
});

test('what is no name names nothing, and nothing is read outside of the namespace of the request', () => {
  const imagePullSecrets = [
    null,
    'a',
    {},
    { name: '' },
    { name: 7 },
    { name: '..' },
    { name: 'a/b' },
    { name: '../../kube-system/secrets/x' },
    { name: 'A' },
    { name: 'a'.repeat(254) },
    Object.create({ name: 'inherited' }),
    { name: 'right', namespace: 'kube-system' },
    { name: 'right' },
  ];
  const found = readPullSecrets(podRequest({ object: { spec: { imagePullSecrets } } }));
  assert.deepEqual([found.namespace, found.secrets], ['team-a', ['right']]);
  for (const object of [null, 'x', {}, { spec: null }, { spec: [] }, { spec: { imagePullSecrets: {} } }]) {
    assert.deepEqual(readPullSecrets(podRequest({ object })).secrets, []);
  }
  assert.equal(readPullSecrets(podRequest({ namespace: '..' })).namespace, '');
});

test('they are bounded', () => {
  const imagePullSecrets = Array.from({ length: 1_000 }, (_, index) => ({ name: `s${index}` }));
  const { secrets, leftOut } = readPullSecrets(podRequest({ object: { spec: { imagePullSecrets } } }));
  assert.deepEqual([secrets.length, leftOut], [LIMITS.pullSecrets, 1_000 - LIMITS.pullSecrets]);
});

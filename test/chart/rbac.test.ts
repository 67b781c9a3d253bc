// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, itemsOf, type Manifest, render } from '../support/helm.ts';

/** Everything that our ServiceAccount may do, one line per binding and rule, sorted. */
function rightsOf(values: object): string[] {
  const objects = render(values);
  const bindings = objects.filter(({ kind }) => /^(?:Cluster)?RoleBinding$/.test(kind));
  for (const binding of bindings)
    assert.deepEqual(binding.at('subjects').value, [
      { kind: 'ServiceAccount', name: 'countersign', namespace: 'trust' },
    ]);
  return bindings.flatMap((binding) => rulesOf(objects, binding)).sort();
}

function rulesOf(objects: readonly Manifest[], binding: Manifest): string[] {
  const kind = String(binding.at('roleRef', 'kind').value);
  const name = String(binding.at('roleRef', 'name').value);
  const [role, other] = objects.filter(
    (object) =>
      object.kind === kind &&
      object.name === name &&
      (kind === 'ClusterRole' || object.namespace === binding.namespace),
  );
  assert.ok(role && !other, `${kind} ${name}`);
  const where = binding.namespace ?? 'cluster';
  return itemsOf(role.at('rules')).map((rule) => {
    const { verbs, resources, resourceNames = ['any'] } = Object(rule.value);
    return `${where}: ${verbs} ${resources} ${resourceNames}`;
  });
}

const WATCHES = 'cluster: list,watch namespaces any';
const SELF = [
  'cluster: get,watch,patch mutatingwebhookconfigurations,validatingwebhookconfigurations countersign',
  WATCHES,
  'trust: get,watch,update secrets countersign-tls',
];

test('a server that keeps its own certificate may touch that Secret and those two configurations', () => {
  assert.deepEqual(rightsOf({}), SELF);
});

test('one that is given a certificate may only know the labels of Namespaces', () => {
  assert.deepEqual(rightsOf({ certificate: { mode: 'cert-manager' } }), [WATCHES]);
});

test('pull secrets are read in the namespaces that were listed, or everywhere by a star, and never listed', () => {
  const reads = 'get secrets,serviceaccounts any';
  const certificate = { mode: 'cert-manager' };
  const rights = (...namespaces: string[]) => rightsOf({ certificate, pullSecrets: { namespaces } });
  assert.deepEqual(rights('shop', 'web'), [WATCHES, `shop: ${reads}`, `web: ${reads}`]);
  assert.deepEqual(rights('*'), [`cluster: ${reads}`, WATCHES]);
});

test('of the Secrets that the Config names, each is read by its name where it is', () => {
  const pullSecrets = [{ name: 'pull' }, { name: 'a', namespace: 'shop' }, { name: 'b', namespace: 'shop' }];
  assert.deepEqual(rightsOf({ certificate: { mode: 'cert-manager' }, config: { pullSecrets } }), [
    WATCHES,
    'shop: get secrets a,b',
    'trust: get secrets pull',
  ]);
});

test('the ServiceAccount hands its token to nobody, the Deployment asks for it', () => {
  const objects = render();
  assert.equal(find(objects, 'ServiceAccount').at('automountServiceAccountToken').value, false);
  const pod = find(objects, 'Deployment').at('spec', 'template', 'spec');
  assert.equal(pod.at('serviceAccountName').value, 'countersign');
  assert.equal(pod.at('automountServiceAccountToken').value, true);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { POD_KINDS } from '../../src/admission/index.ts';
import { createTestCa } from '../../src/testing/index.ts';
import { DIGEST, type Field, find, itemsOf, REPOSITORY, render } from '../support/helm.ts';
import { COMBINATIONS, POLICIES } from './combinations.ts';

/** The three webhooks of what was rendered, by name. */
function webhooksOf(values: object): Map<unknown, Field> {
  const objects = render(values);
  const lists = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map((kind) =>
    itemsOf(find(objects, kind).at('webhooks')),
  );
  return new Map(lists.flat().map((webhook) => [webhook.at('name').value, webhook]));
}

const text = (field: Field) => String(field.value);
const conditionsOf = (webhook: Field | undefined) =>
  webhook === undefined ? [] : itemsOf(webhook.at('matchConditions'));

for (const [name, values] of Object.entries(COMBINATIONS)) {
  describe(name, () => {
    const webhooks = webhooksOf(values);

    test('there are three webhooks, and only the one for enforced namespaces fails closed', () => {
      const policies = [...webhooks].map(([id, webhook]) => [id, webhook.at('failurePolicy').value]);
      assert.deepEqual(policies, [
        ['pin.countersign.dev', 'Ignore'],
        ['enforced.countersign.dev', 'Fail'],
        ['others.countersign.dev', 'Ignore'],
      ]);
    });

    test('namespaces are chosen by their names, which tenants cannot edit, and each by one webhook', () => {
      assert.equal(webhooks.get('pin.countersign.dev')?.at('namespaceSelector').value, undefined);
      const expressions = ['enforced', 'others'].map(
        (id) => webhooks.get(`${id}.countersign.dev`)?.at('namespaceSelector').value,
      );
      const listed = Object(values).enforce?.namespaces ?? [];
      const expected = (operator: string) => ({
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values: ['NONE', ...listed] }],
      });
      assert.deepEqual(expressions, [expected('In'), expected('NotIn')]);
    });

    test('they ask for every kind that holds Pods, created or updated, and for nothing else', () => {
      const kinds = POD_KINDS.flatMap(({ groups, resource }) =>
        groups.filter((group) => group !== 'extensions').map((group) => `${group}/${resource}`),
      );
      for (const webhook of webhooks.values()) {
        const rules = itemsOf(webhook.at('rules'));
        for (const rule of rules) {
          assert.deepEqual(rule.at('operations').value, ['CREATE', 'UPDATE']);
          assert.deepEqual(rule.at('apiVersions').value, ['*']);
        }
        const asked = rules.flatMap((rule) =>
          itemsOf(rule.at('resources')).map(
            (resource) => `${text(rule.at('apiGroups', 0))}/${text(resource)}`,
          ),
        );
        assert.deepEqual(asked.sort(), [...kinds, '/pods/ephemeralcontainers'].sort());
        assert.equal(webhook.at('matchPolicy').value, 'Equivalent');
        assert.equal(webhook.at('sideEffects').value, 'None');
      }
    });

    test('they call the two doors of the Service, in time', () => {
      const service = find(render(values), 'Service');
      for (const [id, webhook] of webhooks) {
        const mutates = id === 'pin.countersign.dev';
        assert.deepEqual(webhook.at('clientConfig', 'service').value, {
          namespace: service.namespace,
          name: service.name,
          port: service.at('spec', 'ports', 0, 'port').value,
          path: mutates ? '/mutate' : '/validate',
        });
        assert.equal(webhook.at('timeoutSeconds').value, mutates ? 5 : 10);
        assert.equal(webhook.at('reinvocationPolicy').value, mutates ? 'IfNeeded' : undefined);
      }
    });
  });
}

test('our own Pods pass unasked only by a digest, in our namespace, with nothing beside it', () => {
  const digest = { repository: REPOSITORY, digest: DIGEST };
  for (const webhook of webhooksOf({ image: digest }).values()) {
    const [update, own, ...others] = conditionsOf(webhook);
    assert.ok(update && own && others.length === 0);
    const expression = text(own.at('expression'));
    assert.match(expression, /^!\(request\.namespace == 'trust' && /);
    assert.ok(expression.includes(`one.image == '${REPOSITORY}@${DIGEST}'`));
    for (const place of ['initContainers', 'ephemeralContainers', 'volumes', 'serviceAccountName'])
      assert.ok(expression.includes(`pod.${place}`), place);
    assert.doesNotMatch(expression, /\|\| true|startsWith|contains|labels|matches/);
    assert.equal(balance(expression), 0);
  }
  const runs = find(render({ image: digest }), 'Deployment').at('spec', 'template', 'spec');
  assert.equal(runs.at('containers', 0, 'image').value, `${REPOSITORY}@${DIGEST}`);
  assert.equal(runs.at('initContainers').value, undefined);
});

test('without a digest nothing is let through as our own', () => {
  for (const webhook of webhooksOf({ policies: POLICIES }).values())
    assert.deepEqual(
      conditionsOf(webhook).map((condition) => condition.at('name').value),
      ['brings-in-a-pod-spec'],
    );
});

test('the CA is in the webhooks where it was given, and is left to the server and cert-manager otherwise', () => {
  const caBundle = createTestCa().certificate;
  const bundles = (certificate: object) =>
    [...webhooksOf({ certificate }).values()].map((webhook) => webhook.at('clientConfig', 'caBundle').value);
  const given = Buffer.from(caBundle).toString('base64');
  assert.deepEqual(bundles({ mode: 'files', existingSecret: 'x', caBundle }), [given, given, given]);
  assert.deepEqual(bundles({ mode: 'self' }), [undefined, undefined, undefined]);
  assert.deepEqual(bundles({ mode: 'cert-manager' }), [undefined, undefined, undefined]);
  const objects = render({ certificate: { mode: 'cert-manager' } });
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])
    assert.deepEqual(find(objects, kind).at('metadata', 'annotations').value, {
      'cert-manager.io/inject-ca-from': 'trust/countersign',
    });
});

test('where cert-manager has no issuer, what webhooks trust is not what is renewed every few months', () => {
  const objects = render({ certificate: { mode: 'cert-manager' } });
  const leaf = find(objects, 'Certificate', 'countersign');
  assert.equal(leaf.at('spec', 'isCA').value, undefined);
  const issuer = find(objects, 'Issuer', text(leaf.at('spec', 'issuerRef', 'name')));
  const authority = find(objects, 'Certificate', 'countersign-ca');
  assert.deepEqual(issuer.at('spec').value, { ca: { secretName: authority.at('spec', 'secretName').value } });
  assert.deepEqual(
    ['isCA', 'duration'].map((key) => authority.at('spec', key).value),
    [true, '87600h'],
  );
  // The renewed one has the key of the old one: either verifies what either signed.
  assert.equal(authority.at('spec', 'privateKey', 'rotationPolicy').value, 'Never');
  const root = find(objects, 'Issuer', text(authority.at('spec', 'issuerRef', 'name')));
  assert.deepEqual(root.at('spec').value, { selfSigned: {} });

  const issuerRef = { name: 'acme', kind: 'ClusterIssuer' };
  const given = render({ certificate: { mode: 'cert-manager', issuerRef } });
  assert.deepEqual(find(given, 'Certificate').at('spec', 'issuerRef').value, issuerRef);
  assert.ok(!given.some(({ kind }) => kind === 'Issuer'));
});

function balance(expression: string): number {
  return expression.split('(').length - expression.split(')').length;
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestCa } from '../../src/testing/index.ts';
import { render } from '../support/helm.ts';
import { POLICIES } from './combinations.ts';

const ca = createTestCa().certificate;

/** Values with a name in each place that takes one, for each kind of certificate. */
function valuesWith(name: string): readonly object[] {
  const named = {
    imagePullSecrets: [{ name }],
    policies: { ...POLICIES, [name]: name },
    warn: { namespaces: [`${name}0`] },
    config: { pullSecrets: [{ name }, { name, namespace: name }] },
    configFiles: { [name]: name },
    configSecret: name,
    registryCredentials: { existingSecret: name },
    pullSecrets: { namespaces: [name, `${name}0`] },
    priorityClassName: name,
    podAnnotations: { [name]: name },
    nodeSelector: { [name]: name },
    tolerations: [{ key: name, operator: 'Equal', value: name }],
    extraEnv: [{ name: 'HTTPS_PROXY', value: name }],
    networkPolicy: { enabled: true },
    image: { repository: name, tag: name },
  };
  return [
    named,
    { ...named, certificate: { mode: 'files', existingSecret: name, caBundle: ca } },
    { ...named, certificate: { mode: 'cert-manager' } },
    { ...named, certificate: { mode: 'cert-manager', issuerRef: { name, kind: name, group: name } } },
  ].map((values) => ({ ...values, enforce: { namespaces: [`${name}1`] } }));
}

/** Where something stands that is neither text nor a list or an object, and what; names of keys are left out of it. */
function notTexts(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return [];
  if (typeof value !== 'object' || value === null) return [`${path}: ${value}`];
  return Object.values(value).flatMap((one, index) => notTexts(one, `${path}/${index}`));
}

for (const name of ['123', '0x1f', '1e3', 'true', 'null', 'on']) {
  test(`a name that YAML could take for something else stays a name: ${name}`, () => {
    const shapes = (of: string) =>
      valuesWith(of).map((values) =>
        render(values, { name: of, namespace: of }).map((object) => notTexts(object.value)),
      );
    assert.deepEqual(shapes(name), shapes('name'));
  });
}

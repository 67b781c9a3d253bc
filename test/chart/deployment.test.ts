// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { runCommand } from '../support/command.ts';
import { type Field, find, itemsOf, render } from '../support/helm.ts';
import { COMBINATIONS } from './combinations.ts';

const podOf = (values: object) => find(render(values), 'Deployment').at('spec', 'template', 'spec');
const argsOf = (pod: Field) => itemsOf(pod.at('containers', 0, 'args')).map(({ value }) => String(value));

for (const [name, values] of Object.entries(COMBINATIONS)) {
  describe(name, () => {
    const objects = render(values);
    const deployment = find(objects, 'Deployment');
    const pod = deployment.at('spec', 'template', 'spec');
    const container = pod.at('containers', 0);

    test('the Pod is not root, can become nothing else, and writes nothing', () => {
      assert.equal(itemsOf(pod.at('containers')).length, 1);
      assert.deepEqual(pod.at('securityContext').value, {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      assert.deepEqual(container.at('securityContext').value, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      // What was good last of a TUF repository is all that there is to keep.
      for (const mount of itemsOf(container.at('volumeMounts')))
        assert.equal(mount.at('readOnly').value === true, mount.at('name').value !== 'trust-cache');
    });

    test('what selects Pods selects these, and never changes with a version', () => {
      const labels = deployment.at('spec', 'template', 'metadata', 'labels').value;
      const selectors = [
        deployment.at('spec', 'selector', 'matchLabels'),
        find(objects, 'Service').at('spec', 'selector'),
        ...objects
          .filter(({ kind }) => kind === 'PodDisruptionBudget')
          .map((budget) => budget.at('spec', 'selector', 'matchLabels')),
        ...objects
          .filter(({ kind }) => kind === 'NetworkPolicy')
          .map((policy) => policy.at('spec', 'podSelector', 'matchLabels')),
      ];
      for (const selector of selectors) assert.deepEqual(selector.value, labels);
    });

    test('every path that it is told is below a mount, and every volume is mounted', () => {
      const mounts = itemsOf(container.at('volumeMounts'));
      const folders = mounts.map((mount) => `${mount.at('mountPath').value}/`);
      const told = [
        ...argsOf(pod).map((arg) => arg.replace(/^.*?=/, '')),
        ...itemsOf(container.at('env')).map((entry) => String(entry.at('value').value)),
      ].filter((path) => path.startsWith('/'));
      assert.ok(told.length >= 2);
      for (const path of told)
        assert.ok(
          folders.some((folder) => `${path}/`.startsWith(folder)),
          path,
        );
      const names = (list: Field[]) => list.map((item) => String(item.at('name').value)).sort();
      assert.deepEqual(names(mounts), names(itemsOf(pod.at('volumes'))));
    });

    test('ports and probes are those that it listens on', () => {
      const args = argsOf(pod);
      const ports = new Map(
        itemsOf(container.at('ports')).map((port) => [port.at('name').value, port.at('containerPort').value]),
      );
      assert.ok(args.includes(`--listen=0.0.0.0:${ports.get('https')}`));
      assert.ok(args.includes(`--probe-listen=0.0.0.0:${ports.get('probes')}`));
      const service = find(objects, 'Service').at('spec', 'ports', 0);
      assert.deepEqual([service.at('port').value, service.at('targetPort').value], [443, 'https']);
      for (const [probe, path] of Object.entries({
        startupProbe: '/healthz',
        livenessProbe: '/healthz',
        readinessProbe: '/readyz',
      }))
        assert.deepEqual(container.at(probe, 'httpGet').value, { path, port: 'probes' });
    });
  });
}

test('it is told nothing that serve does not know', async () => {
  const { stdout } = await runCommand(['serve', '--help']);
  const told = Object.values(COMBINATIONS).flatMap((values) => argsOf(podOf(values)));
  for (const option of new Set(told.filter((arg) => arg !== 'serve').map((arg) => arg.replace(/=.*/, ''))))
    assert.match(stdout, new RegExp(`^\\s+${option}\\b`, 'm'));
});

test('a stopping Pod is given the time to drain and to finish', () => {
  for (const drainSeconds of [0, 5, 60]) {
    const pod = podOf({ drainSeconds });
    const grace = Number(pod.at('terminationGracePeriodSeconds').value);
    assert.ok(argsOf(pod).includes(`--drain=${drainSeconds}s`));
    assert.ok(grace * 1000 >= drainSeconds * 1000 + LIMITS.finishMs + 1000);
  }
});

test('an upgrade keeps the old Pods until new ones answer, and nodes are drained one Pod at a time', () => {
  const objects = render();
  assert.deepEqual(find(objects, 'Deployment').at('spec', 'strategy').value, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
  });
  assert.equal(find(objects, 'Deployment').at('spec', 'replicas').value, 2);
  assert.equal(find(objects, 'PodDisruptionBudget').at('spec', 'maxUnavailable').value, 1);
});

test('another Config rolls the Pods, another policy does not', () => {
  const annotations = (values: object) =>
    find(render(values), 'Deployment').at('spec', 'template', 'metadata', 'annotations').value;
  const before = annotations({});
  assert.notDeepEqual(annotations({ config: { cache: { tagSeconds: 0 } } }), before);
  assert.deepEqual(annotations(COMBINATIONS['modes in the policies'] ?? {}), before);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, succeeded, untilTrue } from './cluster/installation.ts';
import { failures, startLoad } from './cluster/load.ts';
import { pod } from './cluster/objects.ts';

describe('helm', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  before(async () => {
    here = await startInstallation();
  });
  after(() => here?.stop());

  const create = (name: string, namespace = 'shop') =>
    here.kubectl(['-n', namespace, 'create', '-f', '-'], {
      as: 'alice',
      input: pod(name, here.images.unsigned.reference),
    });
  const webhooks = async () => {
    const kinds = 'validatingwebhookconfigurations,mutatingwebhookconfigurations';
    return succeeded(await here.kubectl(['get', kinds, '--output', 'name'])).stdout.trim();
  };
  const processes = () => here.kubelet.pods().map(({ name }) => name);
  /** A Config that no server starts with. */
  const broken = { config: { registries: { 'no host': {} } } };

  test('an upgrade that enforces one namespace more restarts nothing', async () => {
    const before = processes();
    succeeded(await create('before', 'staging'));
    succeeded(
      await here.helm('upgrade', { enforce: { namespaces: ['shop', 'staging'] }, warn: { namespaces: [] } }),
    );
    await untilTrue('it is enforced', async () =>
      (await create('after', 'staging')).stderr.includes('UNSIGNED'),
    );
    assert.deepEqual(processes(), before);
  });

  test('an upgrade of the Pods, under load: no call fails', async () => {
    const load = startLoad(here);
    const before = processes();
    succeeded(await here.helm('upgrade', { logLevel: 'warn' }, ['--wait', '--timeout', '60s']));
    await untilTrue('the old ones are gone', async () => !processes().some((name) => before.includes(name)));
    await sleep(1000);
    const attempts = await load.stop();
    assert.deepEqual(failures(attempts), []);
    assert.ok(attempts.every(({ signed, admitted }) => signed || !admitted));
  });

  test('an upgrade that fails leaves the old Pods and webhooks answering', async () => {
    const before = processes();
    const { exitCode } = await here.helm('upgrade', broken, ['--rollback-on-failure', '--timeout', '5s']);
    assert.notEqual(exitCode, 0);
    await untilTrue('the new Pods are gone', async () => processes().join() === before.join());
    assert.match(await webhooks(), /validating.*\/countersign\nmutating.*\/countersign/);
    assert.match((await create('after-rollback')).stderr, /UNSIGNED/);
  });

  test('the webhook that is deleted in an emergency comes back with the next upgrade, and its CA with it', async () => {
    let count = 0;
    const createNext = () => {
      count += 1;
      return create(`emergency-${count}`);
    };
    succeeded(await here.kubectl(['delete', 'validatingwebhookconfiguration', 'countersign']));
    await untilTrue('everything gets in', async () => (await createNext()).exitCode === 0);
    succeeded(await here.helm('upgrade'));
    await untilTrue('it is asked again', async () => (await createNext()).stderr.includes('UNSIGNED'));
  });

  test('uninstalling leaves no webhook, and at no moment one that nobody answers', async () => {
    const load = startLoad(here);
    await sleep(500);
    succeeded(await here.helmUninstall());
    await sleep(1000);
    assert.deepEqual(failures(await load.stop()), []);
    assert.equal(await webhooks(), '');
    await untilTrue('our processes have ended', async () => processes().length === 0);
    succeeded(await create('free'));
  });

  test('an installation that fails leaves none either', async () => {
    const { exitCode } = await here.helm('install', broken, ['--rollback-on-failure', '--timeout', '5s']);
    assert.notEqual(exitCode, 0);
    assert.equal(await webhooks(), '');
    succeeded(await create('free-again'));
  });
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, ApiObject } from './cluster/api.ts';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, untilTrue } from './cluster/installation.ts';
import { failures, startLoad } from './cluster/load.ts';

/** The shortest life of a leaf that the server takes; an authority lives ten times as long, and both are renewed after two thirds. */
const LIFETIME_S = 10;
const NEW_AUTHORITY_WITHIN_MS = 90_000;
const WEBHOOKS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;

describe('the certificate that the server makes for itself', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  before(async () => {
    here = await startInstallation({ extraArgs: [`--tls-lifetime=${LIFETIME_S}s`] });
  });
  after(() => here?.stop());

  test('is renewed under load, its authority too, and no call fails', async (t) => {
    const load = startLoad(here);
    const seen = new Set<string>();
    let overlapped = false;
    await untilTrue(
      'a new authority has signed',
      async () => {
        const trusted = await authorities(here.api);
        for (const one of trusted) seen.add(one);
        overlapped ||= trusted.length > 1;
        await sleep(250);
        return seen.size > 1;
      },
      NEW_AUTHORITY_WITHIN_MS,
    );
    await sleep(4000); // it signs after it is trusted
    const attempts = await load.stop();
    const leaves = here.kubelet
      .pods()
      .map(({ output }) => output().split('"msg":"certificate loaded"').length - 1);
    t.diagnostic(
      `${attempts.length} creations, ${seen.size} authorities, leaves of each process: ${leaves.join()}`,
    );
    assert.deepEqual(failures(attempts), []);
    assert.ok(attempts.every(({ signed, admitted }) => signed || !admitted));
    assert.ok(overlapped, 'it was trusted beside the old one');
    assert.ok(Math.min(...leaves) >= 5, `leaves were renewed: ${leaves.join()}`);
  });

  test('is trusted again when somebody else wrote over caBundle', async () => {
    const right = await authorities(here.api);
    for (const collection of WEBHOOKS) {
      const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: '' }];
      const path = `/apis/admissionregistration.k8s.io/v1/${collection}/countersign`;
      const { status } = await here.api.ask('PATCH', path, patch, {
        contentType: 'application/json-patch+json',
      });
      assert.equal(status, 200);
    }
    await untilTrue('it is back', async () =>
      (await authorities(here.api)).some((one) => right.includes(one)),
    );
    const load = startLoad(here);
    await sleep(2000);
    assert.deepEqual(failures((await load.stop()).slice(-20)), []);
  });
});

/** What every webhook of ours is told to trust, as PEM; nothing where they disagree. */
async function authorities({ ask }: Api): Promise<string[]> {
  const bundles = new Set<string>();
  for (const collection of WEBHOOKS) {
    const { body } = await ask('GET', `/apis/admissionregistration.k8s.io/v1/${collection}/countersign`);
    for (const { clientConfig } of body.webhooks as ApiObject[]) bundles.add(clientConfig.caBundle ?? '');
  }
  const [bundle = ''] = bundles;
  if (bundles.size !== 1) return [];
  return (
    Buffer.from(bundle, 'base64')
      .toString()
      .match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []
  );
}

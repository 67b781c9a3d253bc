// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { Api, ApiObject } from './cluster/api.ts';
import { skipWithoutKubernetes } from './cluster/control-plane.ts';
import { type Installation, startInstallation, untilTrue } from './cluster/installation.ts';
import { failures, startLoad } from './cluster/load.ts';
import type { LocalPod } from './cluster/local-pod.ts';

/** The shortest life of a leaf that the server takes; an authority lives ten times as long, and both are renewed after two thirds. */
const LIFETIME_S = 10;
const NEW_AUTHORITY_WITHIN_MS = 90_000;
/** An API server hears of a changed caBundle by a watch; here is one that is slow. The server waits a tenth of the lifetime. */
const LATE_MS = 600;
const WEBHOOKS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;

describe('the certificate that the server makes for itself', { skip: skipWithoutKubernetes() }, () => {
  let here: Installation;
  before(async () => {
    here = await startInstallation({ extraArgs: [`--tls-lifetime=${LIFETIME_S}s`] });
  });
  after(() => here?.stop());

  test('is renewed under load, its authority too, and no call fails', async (t) => {
    const load = startLoad(here);
    const trusted: { readonly at: number; readonly authorities: readonly string[] }[] = [];
    const mistrusted: string[] = [];
    const look = async () => {
      trusted.push({ at: performance.now(), authorities: await authorities(here.api) });
      const known = trusted.findLast(({ at }) => at < performance.now() - LATE_MS)?.authorities ?? [];
      if (known.length > 0) mistrusted.push(...(await whoIsMistrusted(here.kubelet.pods(), known)));
      await sleep(100);
    };
    const distinct = () => new Set(trusted.flatMap((one) => one.authorities)).size;
    await untilTrue(
      'there is a new authority',
      async () => look().then(() => distinct() > 1),
      NEW_AUTHORITY_WITHIN_MS,
    );
    const signing = performance.now() + 5000; // it signs after it is trusted
    while (performance.now() < signing) await look();
    const attempts = await load.stop();
    const leaves = here.kubelet
      .pods()
      .map(({ output }) => output().split('"msg":"certificate loaded"').length - 1);
    t.diagnostic(
      `${attempts.length} creations, ${distinct()} authorities, ${trusted.length} looks, leaves of each process: ${leaves.join()}`,
    );
    assert.deepEqual(failures(attempts), []);
    assert.ok(attempts.every(({ signed, admitted }) => signed || !admitted));
    assert.deepEqual(mistrusted, [], 'each leaf is trusted by who is late');
    assert.ok(
      trusted.some((one) => one.authorities.length > 1),
      'it was trusted beside the old one',
    );
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

/** The processes whose certificate nobody vouches for who knows these authorities. */
async function whoIsMistrusted(pods: readonly LocalPod[], ca: readonly string[]): Promise<string[]> {
  const problems = pods.map(async ({ name, port }) => {
    const socket = connect({
      host: '127.0.0.1',
      port: port('https'),
      ca: [...ca],
      servername: 'countersign.countersign.svc',
    });
    const problem = await new Promise<string | undefined>((resolve) => {
      socket.once('secureConnect', () => resolve(undefined));
      socket.once('error', (error) => resolve(`${name}: ${error.message}`));
    });
    socket.destroy();
    return problem === undefined ? [] : [problem];
  });
  return (await Promise.all(problems)).flat();
}

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

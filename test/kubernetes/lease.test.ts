// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createKubernetesClient } from '../../src/kubernetes/index.ts';
import { leadByLease } from '../../src/kubernetes/lease.ts';
import { type ApiServer, startApiServer } from '../support/api-server/server.ts';
import { eventually } from '../support/eventually.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/own/leases';

/** A candidate, and the periods in which it leads. */
function candidate(t: TestContext, api: ApiServer, identity: string, leaseSeconds = 1) {
  const client = createKubernetesClient(api.access);
  const ending = new AbortController();
  const terms: { from: number; to: number }[] = [];
  const failures: string[] = [];
  const options = {
    namespace: 'own',
    name: 'scanner',
    identity,
    timing: { leaseSeconds, retryMs: 50 },
    failed: ({ code }: { code: string }) => void failures.push(code),
  };
  const lead = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const term = { from: performance.now(), to: Number.POSITIVE_INFINITY };
      terms.push(term);
      signal.addEventListener('abort', () => {
        term.to = performance.now();
        resolve();
      });
    });
  const done = leadByLease(client, options, lead, ending.signal);
  const stop = async () => {
    ending.abort();
    await done;
  };
  t.after(async () => {
    await stop();
    await client.close();
  });
  return { terms, failures, stop, isLeading: () => terms.at(-1)?.to === Number.POSITIVE_INFINITY };
}

const holder = (api: ApiServer) => Object(api.store.get(LEASES, 'scanner')?.['spec'])['holderIdentity'];

test('of two one leads and goes on, and who stops gives the Lease to the other at once', async (t) => {
  const api = await startApiServer(t);
  const leaseSeconds = 6;
  const [a, b] = [candidate(t, api, 'a', leaseSeconds), candidate(t, api, 'b', leaseSeconds)];
  await eventually('a leader', () => a.isLeading() || b.isLeading());
  const [first, second] = a.isLeading() ? [a, b] : [b, a];
  await wait(leaseSeconds * 1_250);
  assert.ok(first.isLeading() && !second.isLeading(), 'renewed beyond its time');
  const stopped = performance.now();
  await first.stop();
  await eventually('the other', () => second.isLeading());
  assert.ok(performance.now() - stopped < leaseSeconds * 900, 'before the Lease would have ended');
  assert.equal(Object(api.store.get(LEASES, 'scanner')?.['spec'])['leaseTransitions'], 1);
  await second.stop();
  assert.equal(holder(api), '');
});

test('who cannot renew stops leading before another may begin', async (t) => {
  const api = await startApiServer(t);
  const a = candidate(t, api, 'a');
  await eventually('a leads', () => a.isLeading());
  const b = candidate(t, api, 'b');
  // The API server hears nothing of a any more.
  const ofA = new Set(['a']);
  api.before = async ({ method }) => {
    if (method === 'PUT' && ofA.has(holder(api))) await new Promise(() => {});
  };
  await eventually('a stops', () => !a.isLeading());
  api.before = () => {};
  await a.stop();
  await eventually('b leads', () => b.isLeading());
  assert.ok((b.terms[0]?.from ?? 0) > (a.terms[0]?.to ?? 0));
});

test('a Lease of somebody who is gone is taken when its time is over, by our own clock', async (t) => {
  const api = await startApiServer(t);
  const spec = { holderIdentity: 'gone', leaseDurationSeconds: 1, renewTime: '2999-01-01T00:00:00.000000Z' };
  api.store.put(LEASES, { metadata: { name: 'scanner' }, spec } as object);
  const start = performance.now();
  const { isLeading } = candidate(t, api, 'a');
  await eventually('it is ours', isLeading);
  assert.ok(performance.now() - start > 950);
});

test('an API server that fails ends the term, is told, and is asked again', async (t) => {
  const api = await startApiServer(t);
  const a = candidate(t, api, 'a', 4);
  await eventually('a leads', () => a.isLeading());
  api.fault = () => ({ status: 500, text: '' });
  await eventually('a stops', () => !a.isLeading());
  assert.ok(a.failures.includes('KUBERNETES_ERROR'));
  api.fault = () => undefined;
  await eventually('a leads again', () => a.isLeading());
  assert.equal(a.terms.length, 2);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from '../../src/limits.ts';
import { post, probe, reviewOf, startTestServer, stubEngine } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { openTls } from '../support/raw-http.ts';

const BODY = JSON.stringify(reviewOf());
const BROKEN = stubEngine({
  validate: () => Promise.reject(new TypeError('a defect')),
  mutate: () => {
    throw new TypeError('a defect');
  },
});

test('a defect of the engine denies on /validate and lets through unpatched on /mutate, under the uid', async (t) => {
  const server = await startTestServer(t, { engine: BROKEN });
  const denied = (await post(server, BODY)).json().response;
  assert.deepEqual([denied?.uid, denied?.allowed], ['uid-1', false]);
  assert.match(denied?.status?.message ?? '', /INTERNAL_ERROR/);
  const unpatched = (await post(server, BODY, { path: '/mutate' })).json();
  assert.deepEqual(unpatched, {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'uid-1', allowed: true },
  });
});

test('a defect over what has no uid is 500', async (t) => {
  const server = await startTestServer(t, { engine: BROKEN });
  for (const path of ['/validate', '/mutate']) assert.equal((await post(server, '{}', { path })).status, 500);
});

test('a defect in the answer itself is 500 or nothing, never an answer', async (t) => {
  const engine = stubEngine({
    async validate(body, deps, call) {
      const judgement = await stubEngine().validate(body, deps, call);
      const { response } = judgement.answer;
      const circular: object[] = [];
      circular.push(circular);
      return {
        ...judgement,
        answer: { ...judgement.answer, response: { ...response, ...Object({ circular }) } },
      };
    },
  });
  const server = await startTestServer(t, { engine });
  await assert.rejects(post(server, BODY), { code: 'ECONNRESET' });
});

test('the budget is that of the timeout in the URL, less margin and the time the body took', async (t) => {
  const budgets: number[] = [];
  const engine = stubEngine({
    validate(body, deps, call) {
      budgets.push(call.budgetMs);
      return stubEngine().validate(body, deps, call);
    },
  });
  const server = await startTestServer(t, { engine });
  const took: number[] = [];
  for (const query of ['?timeout=5s', '?timeout=1s', '', '?timeout=soon', '?x=1&timeout=3s']) {
    const begun = performance.now();
    assert.equal((await post(server, BODY, { path: `/validate${query}` })).status, 200);
    took.push(performance.now() - begun);
  }
  const full = [4_000, 500, 9_000, 9_000, 2_000];
  budgets.forEach((budget, index) => {
    const most = full[index] ?? 0;
    assert.ok(budget <= most && budget >= Math.max(0, most - (took[index] ?? 0)), `${budget} of ${most}`);
  });

  const socket = await openTls(server);
  socket.write(`POST /validate?timeout=1s HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n`);
  await wait(700);
  socket.end(BODY);
  await eventually('the slow review', () => budgets.length === 6);
  assert.equal(budgets[5], 0);
  socket.destroy();
});

test('a caller that goes away aborts the signal, and is counted', async (t) => {
  let begun = 0;
  const reasons: unknown[] = [];
  const engine = stubEngine({
    validate: (_body, _deps, { signal }) =>
      new Promise((_resolve, reject) => {
        begun += 1;
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason.code);
          reject(signal.reason);
        });
      }),
  });
  const server = await startTestServer(t, { engine });
  const head = `POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
  const [destroyed, ended] = await Promise.all([openTls(server), openTls(server)]);
  for (const socket of [destroyed, ended]) socket.write(head);
  await eventually('both to wait', () => begun === 2);
  destroyed.destroy();
  ended.end();
  await eventually('both to be aborted', () => reasons.length === 2);
  assert.deepEqual(reasons, ['CANCELLED', 'CANCELLED']);
  await eventually('both to be counted', async () => {
    const { text } = await probe(server, '/metrics');
    return (
      /requests_total\{endpoint="validate",status="aborted"\} 2/.test(text) && /in_flight 0$/m.test(text)
    );
  });
});

test('the signal of an answered request is not aborted afterwards', async (t) => {
  const signals: AbortSignal[] = [];
  const engine = stubEngine({
    validate(body, deps, call) {
      signals.push(call.signal);
      return stubEngine().validate(body, deps, call);
    },
  });
  const server = await startTestServer(t, { engine });
  await post(server, BODY);
  await wait(50);
  assert.deepEqual(
    signals.map((signal) => signal.aborted),
    [false],
  );
});

test('a caller that goes away in the middle of its body reaches no engine', async (t) => {
  const engine = stubEngine({ validate: () => assert.fail('called') });
  const server = await startTestServer(t, { engine });
  const socket = await openTls(server);
  socket.write(`POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${LIMITS.reviewBytes}\r\n\r\n{`);
  await eventually('the request to begin', async () =>
    /in_flight 1$/m.test((await probe(server, '/metrics')).text),
  );
  socket.destroy();
  await eventually('the request to end', async () =>
    /in_flight 0$/m.test((await probe(server, '/metrics')).text),
  );
});

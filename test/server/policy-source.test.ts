// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { CompiledPolicy } from '../../src/policy/index.ts';
import {
  EXEMPT_ALL,
  NO_FACTS,
  post,
  probe,
  reviewOf,
  startTestServer,
  stubEngine,
} from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { mountVolume, temporaryFolder } from '../support/mounted-volume.ts';
import { makeKey } from '../support/policy.ts';

const BODY = JSON.stringify(reviewOf());

function named(name: string): string {
  return EXEMPT_ALL.replace('name: test', `name: ${name}`);
}

/** An engine that notes the policies of each request, at its beginning and after a while. */
function notingEngine(delayMs: number) {
  const requests: (readonly [readonly CompiledPolicy[], readonly CompiledPolicy[]])[] = [];
  const engine = stubEngine({
    async validate(body, deps, call) {
      const before = deps.policies;
      await wait(delayMs);
      requests.push([before, deps.policies]);
      return stubEngine().validate(body, deps, call);
    },
  });
  const last = () => requests.at(-1)?.[0].map((policy) => policy.name);
  return { engine, requests, last };
}

test('a good new policy holds from the next request on', async (t) => {
  const { engine, last } = notingEngine(0);
  const server = await startTestServer(t, { engine });
  await post(server, BODY);
  assert.deepEqual(last(), ['test']);
  writeFileSync(server.policyFile, named('second'));
  await eventually(
    'the reload',
    () => server.lines.filter((line) => line.message === 'policies loaded').length === 2,
  );
  await post(server, BODY);
  assert.deepEqual(last(), ['second']);
});

test('a swap of ..data while requests run: each request sees one snapshot, from one side', async (t) => {
  const { engine, requests } = notingEngine(3);
  const folder = temporaryFolder(t);
  const sides = (side: number) => ({ 'a.yaml': named(`a-${side}`), 'b.yaml': named(`b-${side}`) });
  const volume = mountVolume(folder, sides(0));
  const server = await startTestServer(t, { engine, policies: [folder] });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  let running = true;
  const clients = Array.from({ length: 4 }, async () => {
    while (running) assert.equal((await post(server, BODY, { agent })).status, 200);
  });
  for (let side = 1; side <= 5; side += 1) {
    volume.swap(sides(side));
    await wait(60);
  }
  const final = () =>
    requests
      .at(-1)?.[0]
      .map((policy) => policy.name)
      .join() === 'a-5,b-5';
  await eventually('the last side', final);
  running = false;
  await Promise.all(clients);
  for (const [before, after] of requests) {
    assert.equal(before, after);
    const seen = new Set(before.map((policy) => policy.name.split('-')[1]));
    assert.equal(seen.size, 1);
    assert.ok(Object.isFrozen(before));
  }
});

test('a broken new document keeps the whole old snapshot, and log and metric say so', async (t) => {
  const { engine, last } = notingEngine(0);
  const folder = temporaryFolder(t);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('a.yaml', named('a'));
  write('b.yaml', named('b'));
  const server = await startTestServer(t, { engine, policies: [folder] });
  write('a.yaml', named('a-new'));
  write('b.yaml', `${named('b')}unknown: 1\nother: 2\n`);
  await eventually('the failure', () => server.lines.some((line) => line.message.includes('stay in force')));
  await post(server, BODY);
  assert.deepEqual(last(), ['a', 'b']);
  const issues = server.lines.filter((line) => line.message === 'policy error');
  assert.equal(issues.length, 2);
  for (const issue of issues) {
    assert.deepEqual(
      [issue.level, issue['file'], issue['code']],
      ['error', join(folder, 'b.yaml'), 'POLICY_INVALID'],
    );
    assert.ok(Number(issue['line']) > 4 && typeof issue['problem'] === 'string');
  }
  const { text } = await probe(server, '/metrics');
  assert.match(text, /^countersign_policy_reloads_total\{result="error"\} 1$/m);
  assert.match(text, /^countersign_policy_reloads_total\{result="ok"\} 1$/m);
  assert.match(text, /^countersign_policy_last_reload_successful 0$/m);
  write('b.yaml', named('b-new'));
  await eventually('the next good one', async () => {
    await post(server, BODY);
    return last()?.join() === 'a-new,b-new';
  });
  assert.match((await probe(server, '/metrics')).text, /^countersign_policy_last_reload_successful 1$/m);
});

test('a key file that a policy names is watched too', async (t) => {
  const { engine, requests } = notingEngine(0);
  const folder = temporaryFolder(t);
  const policy = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: keyed }
signers: { release: { key: { file: keys/release.pem } } }
rules: [{ name: all, images: ["**"], require: release }]
`;
  const keys = temporaryFolder(t);
  writeFileSync(join(keys, 'release.pem'), makeKey().pem);
  writeFileSync(join(folder, 'policy.yaml'), policy.replace('keys/', `${keys}/`));
  const server = await startTestServer(t, { engine, policies: [folder] });
  await post(server, BODY);
  writeFileSync(join(keys, 'release.pem'), makeKey().pem);
  const fingerprint = (index: number) => requests.at(index)?.[0][0]?.fingerprint;
  await eventually('the new key', async () => {
    await post(server, BODY);
    return fingerprint(-1) !== fingerprint(0);
  });
});

const BY_LABELS = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: labels }
rules:
  - { name: team, images: ["a/**"], namespaceLabels: { team: web }, allow: { reason: test, until: never } }
  - { name: env, images: ["b/**"], namespaceLabels: { env: dev }, allow: { reason: test, until: never } }
  - { name: rest, images: ["**"], allow: { reason: test, until: never } }
`;

test('rules by labels of namespaces, which the server cannot know: one warning per load names them', async (t) => {
  const server = await startTestServer(t);
  const warnings = () => server.lines.filter(({ level }) => level === 'warn');
  assert.deepEqual(warnings(), []);
  writeFileSync(server.policyFile, BY_LABELS);
  await eventually('the warning', () => warnings().length > 0);
  const [warning] = warnings();
  assert.equal(warning?.message, 'rules by namespaceLabels cannot be decided here');
  assert.deepEqual(
    [warning?.['code'], warning?.['rules']],
    [
      'NAMESPACE_LABELS_UNKNOWN',
      [
        { policy: 'labels', rule: 'team', file: server.policyFile, line: 5 },
        { policy: 'labels', rule: 'env', file: server.policyFile, line: 6 },
      ],
    ],
  );
  writeFileSync(server.policyFile, `${BY_LABELS}# again\n`);
  await eventually('the next load', () => warnings().length === 2);
});

test('where somebody knows the labels of namespaces there is no warning', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, BY_LABELS);
  const world = { facts: NO_FACTS, clock: Date.now };
  const [knowing, unknowing] = await Promise.all([
    startTestServer(t, { policies: [file], world: { ...world, namespaceLabels: () => ({}) } }),
    startTestServer(t, { policies: [file], world }),
  ]);
  const warned = ({ lines }: typeof knowing) => lines.some(({ level }) => level === 'warn');
  assert.deepEqual([warned(knowing), warned(unknowing)], [false, true]);
});

test('the time of the last load is a metric, in seconds', async (t) => {
  const server = await startTestServer(t);
  const { text } = await probe(server, '/metrics');
  const loaded = Number(/^countersign_policy_loaded_timestamp_seconds (\S+)$/m.exec(text)?.[1]);
  assert.ok(Math.abs(loaded - Date.now() / 1000) < 60);
});

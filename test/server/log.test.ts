// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { mutate, validate } from '../../src/evaluate.ts';
import { LIMITS } from '../../src/limits.ts';
import { type Log, type LogLevel, openLog } from '../../src/server/log.ts';
import { EXEMPT_ALL, post, reviewOf, startTestServer } from '../support/admission-server.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';

type Line = Readonly<Record<string, unknown>>;

/** The lines that the real log writes to a file. */
async function written(t: TestContext, level: LogLevel, work: (log: Log) => Promise<void>) {
  const path = join(temporaryFolder(t), 'log');
  const descriptor = openSync(path, 'a');
  const log = openLog(level, descriptor);
  await work(log);
  await log.close();
  const text = readFileSync(path, 'utf8');
  const lines: Line[] = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { text, lines };
}

function podOf(...images: string[]) {
  const containers = images.map((image, index) => ({
    name: `c${index}`,
    image,
    env: [{ name: 'PASSWORD', value: 'hunter2' }],
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { annotations: { token: 'hunter2' } },
    spec: { containers },
  };
}

test('a line is JSON with time, level and message; lighter ones are left out', async (t) => {
  const { lines } = await written(t, 'warn', async (log) => {
    log.debug({}, 'no');
    log.info({}, 'no');
    log.warn({ a: 1 }, 'yes');
    log.error({}, 'yes too');
  });
  assert.deepEqual(
    lines.map(({ level, msg }) => [level, msg]),
    [
      ['warn', 'yes'],
      ['error', 'yes too'],
    ],
  );
  assert.ok(Math.abs(Date.parse(String(lines[0]?.['time'])) - Date.now()) < 60_000);
  assert.equal(lines[0]?.['a'], 1);
});

test('lines come in the order and with the time of their making, however late they are worked out', async (t) => {
  const start = Date.now();
  const { lines } = await written(t, 'info', async (log) => {
    log.info(() => ({ first: true }), 'worked out late');
    log.error({ second: true }, 'at hand');
    log.debug(() => assert.fail('nobody reads this'), 'too light');
    await wait(5);
    for (let count = 0; count < 1_000; count += 1) log.info(() => ({ count }), 'many');
  });
  assert.deepEqual(
    lines.map(({ first, second, count }) => first ?? second ?? count),
    [true, true, ...Array.from({ length: 1_000 }, (_, count) => count)],
  );
  const times = lines.map(({ time }) => Date.parse(String(time)));
  assert.ok(times.every((time) => time >= start && time <= Date.now()));
  assert.ok((times[0] ?? 0) < (times.at(-1) ?? 0));
});

test('a line that cannot be made takes no other with it', async (t) => {
  const { lines } = await written(t, 'info', async (log) => {
    log.info(() => {
      throw new TypeError('a defect');
    }, 'allowed');
    log.info({}, 'next');
  });
  assert.deepEqual(
    lines.map(({ level, msg, code, line }) => [level, msg, code, line]),
    [
      ['error', 'a log line could not be made', 'INTERNAL_ERROR', 'allowed'],
      ['info', 'next', undefined, undefined],
    ],
  );
});

test('a silent log writes nothing', async (t) => {
  const { text } = await written(t, 'silent', async (log) => log.error({}, 'no'));
  assert.equal(text, '');
});

test('a decision is one line with the uid and who wanted what, and nothing of the object but its images', async (t) => {
  const { text, lines } = await written(t, 'info', async (log) => {
    const server = await startTestServer(t, { engine: { validate, mutate }, log });
    const body = JSON.stringify(reviewOf({ uid: 'uid-7', object: podOf('registry.example/web:1') }));
    const headers = { authorization: 'Bearer hunter2' };
    await post(server, body, { path: '/mutate', headers });
    await post(server, body, { headers });
    await server.close();
  });
  const decisions = lines.filter((line) => line['uid'] !== undefined);
  assert.equal(decisions.length, 1);
  const { time, durationMs, ...line } = decisions[0] ?? {};
  assert.ok(typeof time === 'string' && typeof durationMs === 'number');
  assert.deepEqual(line, {
    level: 'info',
    uid: 'uid-7',
    operation: 'CREATE',
    kind: 'Pod',
    namespace: 'shop',
    name: 'web',
    user: 'alice',
    dryRun: false,
    allowed: true,
    verdict: 'exempt',
    code: 'EXEMPT',
    images: [
      { image: 'registry.example/web:1', verdict: 'exempt', code: 'EXEMPT', rule: 'all', mode: 'enforce' },
    ],
    registryRequests: 0,
    msg: 'allowed',
  });
  assert.ok(!text.includes('hunter2') && !text.includes('PASSWORD'));
});

test('a denial weighs more, what is not judged weighs less', async (t) => {
  const { lines } = await written(t, 'debug', async (log) => {
    const server = await startTestServer(t, { engine: { validate, mutate }, log });
    await post(server, JSON.stringify(reviewOf({ uid: 'denied', object: podOf('NOT VALID') })));
    await post(server, JSON.stringify(reviewOf({ uid: 'unread', operation: 'DELETE', object: null })));
    await post(server, JSON.stringify(reviewOf({ uid: 'pinned' })), { path: '/mutate' });
    await server.close();
  });
  const about = (uid: string) => {
    const line = lines.find((one) => one['uid'] === uid);
    return [line?.['level'], line?.['msg'], line?.['code'] ?? line?.['reason']];
  };
  assert.deepEqual(about('denied'), ['warn', 'denied', 'REFERENCE_INVALID']);
  assert.deepEqual(about('unread'), ['debug', 'nothing to judge', 'unread-operation']);
  assert.deepEqual(about('pinned'), ['debug', 'mutated', undefined]);
});

test('a line is bounded and holds no control characters, whatever the review says', async (t) => {
  const images = Array.from({ length: 300 }, (_, index) => `registry.example/${'x'.repeat(100)}:${index}`);
  const rude = '\u001b[31m\u202e\u0085';
  const { lines } = await written(t, 'info', async (log) => {
    const server = await startTestServer(t, { engine: { validate, mutate }, log });
    const userInfo = { username: `${rude}${'u'.repeat(1_000)}` };
    const object = podOf(...images, `${rude}evil`);
    await post(server, JSON.stringify(reviewOf({ uid: 'large', name: `a\nb${rude}`, userInfo, object })));
    await server.close();
  });
  const line = lines.find((one) => one['uid'] === 'large');
  assert.equal(Object(line?.['images']).length, LIMITS.imagesPerLogLine);
  assert.equal(line?.['imagesLeftOut'], 301 - LIMITS.imagesPerLogLine);
  const text = JSON.stringify(line);
  assert.ok(text.length < 64 * 1024);
  assert.doesNotMatch(text, /\\u001b|\u202e|\u0085|\\n/);
});

test('a malformed body and a refused request leave a line without what was in them', async (t) => {
  const { text, lines } = await written(t, 'info', async (log) => {
    const server = await startTestServer(t, { engine: { validate, mutate }, log });
    await post(server, '{"password": hunter2');
    await post(server, JSON.stringify({ password: 'hunter2' }));
    writeFileSync(server.policyFile, EXEMPT_ALL);
    await server.close();
  });
  assert.ok(!text.includes('hunter2'));
  const refused = lines.filter((line) => line['msg'] === 'request refused');
  assert.deepEqual(
    refused.map(({ endpoint, status, code }) => ({ endpoint, status, code })),
    Array(2).fill({ endpoint: 'validate', status: 400, code: 'REVIEW_MALFORMED' }),
  );
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { CODES } from '../../src/errors.ts';
import { mutate, validate } from '../../src/evaluate.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { EXEMPT_ALL, post, probe, reviewOf, startTestServer } from '../support/admission-server.ts';
import { eventually } from '../support/eventually.ts';
import { type MetricFamily, parsePrometheusText } from '../support/prometheus-text.ts';

const STAGES = ['parse', 'list', 'match', 'resolve', 'discover', 'verify', 'decide', 'render'];

/** Every label there may be, with every value that it may have. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  endpoint: ['validate', 'mutate'],
  status: [
    '200',
    '400',
    '408',
    '413',
    '415',
    '500',
    '503',
    'aborted',
    'verified',
    'rejected',
    'inconclusive',
  ],
  decision: ['allow', 'deny'],
  mode: ['enforce', 'warn', 'audit'],
  verdict: ['verified', 'rejected', 'inconclusive', 'exempt'],
  code: Object.keys(CODES),
  stage: STAGES,
  kind: ['token', 'manifest', 'blob', 'referrers', 'tags'],
  cache: ['tag', 'signatures', 'platforms'],
  result: ['ok', 'error'],
  bound: ['namespace', 'all'],
};

function valueIn(family: MetricFamily | undefined, labels: Record<string, string>): number | undefined {
  const found = family?.samples.find((sample) =>
    Object.entries(labels).every(([name, value]) => sample.labels[name] === value),
  );
  return found?.value;
}

test('the text is well-formed, named as Prometheus asks, and documented both ways', async () => {
  const metrics = createMetrics();
  const families = parsePrometheusText(await metrics.text());
  assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
  for (const [name, { type, help }] of families) {
    assert.match(name, /^countersign_[a-z_]+$/);
    assert.equal(type === 'counter', name.endsWith('_total'), name);
    assert.equal(type === 'histogram', name.endsWith('_duration_seconds'), name);
    assert.ok(help.endsWith('.'), name);
  }
  const page = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^### `(countersign_\w+)`$/gm)].map(([, name]) => name);
  assert.deepEqual(documented.toSorted(), [...families.keys()].toSorted());
});

test('closed series are there from the start, at zero', async () => {
  const families = parsePrometheusText(await createMetrics().text());
  for (const stage of STAGES) {
    const samples = families.get('countersign_stage_duration_seconds')?.samples ?? [];
    const count = samples.find(({ name, labels }) => name.endsWith('_count') && labels['stage'] === stage);
    assert.equal(count?.value, 0, stage);
  }
  for (const kind of LABELS['kind'] ?? []) {
    assert.equal(valueIn(families.get('countersign_registry_requests_total'), { kind }), 0, kind);
  }
  assert.equal(valueIn(families.get('countersign_policy_reloads_total'), { result: 'error' }), 0);
});

test('what the pipeline reports is counted, milliseconds as seconds', async () => {
  const metrics = createMetrics();
  metrics.stage('verify', 250);
  metrics.registryRequest('blob');
  metrics.factLookup('tag', true);
  metrics.factLookup('signatures', false);
  metrics.unknownKind();
  const families = parsePrometheusText(await metrics.text());
  const stages = families.get('countersign_stage_duration_seconds')?.samples ?? [];
  const sum = stages.find(({ name, labels }) => name.endsWith('_sum') && labels['stage'] === 'verify');
  assert.equal(sum?.value, 0.25);
  assert.equal(valueIn(families.get('countersign_registry_requests_total'), { kind: 'blob' }), 1);
  assert.equal(valueIn(families.get('countersign_cache_hits_total'), { cache: 'tag' }), 1);
  assert.equal(valueIn(families.get('countersign_cache_misses_total'), { cache: 'signatures' }), 1);
  assert.equal(valueIn(families.get('countersign_unknown_kinds_total'), {}), 1);
});

test('whatever requests say, no label has a value that is not in the lists', async (t) => {
  const server = await startTestServer(t, { engine: { validate, mutate } });
  const odd = 'x"\\\n{evil="1"}';
  const pod = (image: string) => ({ spec: { containers: [{ name: odd, image }] } });
  const bodies = [
    reviewOf(),
    reviewOf({ object: pod('NOT A REFERENCE') }),
    reviewOf({ object: pod('') }),
    reviewOf({ object: 7 }),
    reviewOf({ namespace: odd, name: odd, userInfo: { username: odd }, object: pod(odd) }),
    reviewOf({
      kind: { group: odd, version: odd, kind: odd },
      resource: { group: odd, version: odd, resource: odd },
      object: {},
    }),
    reviewOf({ operation: 'DELETE' }),
    null,
    {},
  ];
  const askAll = async () => {
    for (const body of bodies) {
      for (const path of ['/validate', '/mutate', `/validate?${encodeURIComponent(odd)}`, '/other']) {
        await post(server, JSON.stringify(body), { path });
      }
    }
  };
  await askAll();
  writeFileSync(server.policyFile, EXEMPT_ALL.replace('"**"', '"other.example/**"'));
  await eventually('no rule', async () => {
    await post(server, JSON.stringify(reviewOf()));
    return (await probe(server, '/metrics')).text.includes('code="NO_RULE"');
  });
  await askAll();
  const families = parsePrometheusText((await probe(server, '/metrics')).text);
  for (const [name, { samples }] of families) {
    for (const { labels } of samples) {
      for (const [label, value] of Object.entries(labels)) {
        if (label === 'le') continue;
        assert.ok(LABELS[label]?.includes(value), `${name}: ${label}=${value}`);
      }
    }
  }
  const decisions = families.get('countersign_decisions_total');
  assert.ok((valueIn(decisions, { decision: 'allow', verdict: 'exempt', code: 'EXEMPT' }) ?? 0) >= 1);
  assert.ok((valueIn(decisions, { decision: 'deny', mode: 'enforce', code: 'NO_RULE' }) ?? 0) >= 1);
  assert.ok((valueIn(families.get('countersign_unknown_kinds_total'), {}) ?? 0) >= 1);
  assert.equal(valueIn(families.get('countersign_requests_in_flight'), {}), 0);
});

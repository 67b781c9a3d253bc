// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, Registry } from 'prom-client';
import { createTimeHistogram } from '../../src/server/time-histogram.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';

test('a time histogram says what prom-client says of the same durations', async () => {
  const shape = { name: 'test_seconds', help: 'A test.', buckets: [0.001, 0.01, 0.1, 1] };
  const ours = createTimeHistogram({ ...shape, label: 'stage', values: ['parse', 'list'] });
  const register = new Registry();
  const theirs = new Histogram({ ...shape, labelNames: ['stage'], registers: [register] });
  for (const stage of ['parse', 'list'] as const) theirs.zero({ stage });
  for (const milliseconds of [0, 0.5, 1, 1.5, 10, 99.75, 100, 1000, 1001, 60_000]) {
    ours.observe('parse', milliseconds);
    theirs.observe({ stage: 'parse' }, milliseconds / 1000);
  }
  const sorted = (text: string) =>
    parsePrometheusText(text)
      .get('test_seconds')
      ?.samples.map((one) => JSON.stringify(one))
      .toSorted();
  const reference = await register.metrics();
  const normal = (text: string) => text.replace(/\{le="([^"]*)",stage="(\w+)"\}/g, '{stage="$2",le="$1"}');
  assert.deepEqual(sorted(ours.text()), sorted(normal(reference)));
});

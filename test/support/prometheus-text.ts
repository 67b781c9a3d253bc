// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';

/** One family of the text exposition. */
export type MetricFamily = {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
};

/** Parses a Prometheus text exposition, strictly: what promtool would find fault with fails the test. */
export function parsePrometheusText(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<string, MetricFamily & { samples: MetricFamily['samples'][number][] }>();
  let help = '';
  let family = '';
  assert.ok(text.endsWith('\n'), 'the last line ends');
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const comment = /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') help = rest;
      else {
        assert.ok(!families.has(name), `${name} is declared once`);
        families.set(name, { type: rest, help, samples: [] });
        family = name;
      }
      continue;
    }
    const sample = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    assert.ok(sample !== null, `a sample: ${line}`);
    const [, name = '', labels = '', value = ''] = sample;
    assert.equal(name.replace(/_(bucket|sum|count)$/, ''), family, `${name} stands under its family`);
    assert.ok(Number.isFinite(Number(value)), line);
    families.get(family)?.samples.push({ name, labels: parseLabels(labels), value: Number(value) });
  }
  return families;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const rest = text.replace(/([a-z_]+)="((?:[^"\\]|\\.)*)",?/g, (_all, name: string, value: string) => {
    labels[name] = value;
    return '';
  });
  assert.equal(rest, '', `labels: ${text}`);
  return labels;
}

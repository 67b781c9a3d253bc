// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { find, render } from '../support/helm.ts';

const MiB = 1024 * 1024;

/** How often each bound can be full at one time in one process. */
const HELD: Readonly<Partial<Record<keyof typeof LIMITS, number>>> = {
  // Small reviews may take as much again.
  reviewBytesUnderWay: 2,
  discoveryBytesUnderWay: 1,
  smallDiscoveriesReserve: 1,
  candidateFactsBytes: 1,
  tagFactsBytes: 1,
  childFactsBytes: 1,
  platformFactsBytes: 1,
  // Of Secrets, and of ServiceAccounts.
  pullSecretFactsBytes: 2,
  tokensBytes: 1,
  logBytes: 1,
  kubernetesListBytes: 1,
};
/** Counted by `discoveryBytesUnderWay`, as they come in. */
const PARTS: readonly string[] = ['candidateBytes'];
/** `knownReferences`, with the longest texts. */
const REFERENCES = 10 * MiB;
/** Node and the program, measured. */
const NODE = 90 * MiB;

test('every bound of many bytes is in the sum', () => {
  const large = Object.entries(LIMITS).filter(
    ([name, bound]) => /(?:Bytes|BytesUnderWay|Reserve)$/.test(name) && Number(bound) >= 16 * MiB,
  );
  assert.deepEqual(
    large.map(([name]) => name).sort(),
    [...Object.keys(HELD), ...PARTS].sort(),
    'add it here, and to the sum in values.yaml of the chart',
  );
});

test('the memory limit holds what the limits let the process hold, Node, and a fifth to be collected', () => {
  const bounds = new Map<string, unknown>(Object.entries(LIMITS));
  const held = Object.entries(HELD).reduce(
    (sum, [name, times]) => sum + times * Number(bounds.get(name)),
    REFERENCES,
  );
  const container = find(render(), 'Deployment').at('spec', 'template', 'spec', 'containers', 0);
  const [, limit] = /^(\d+)Mi$/.exec(String(container.at('resources', 'limits', 'memory').value)) ?? [];
  assert.ok(Number(limit) * MiB >= 1.2 * held + NODE, `${held / MiB} MiB are held`);
  assert.equal(container.at('resources', 'limits', 'cpu').value, undefined);
});

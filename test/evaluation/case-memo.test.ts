// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchRules } from '../../src/evaluation/match-rules.ts';
import type { Question } from '../../src/evaluation/question.ts';
import { policyOf } from '../support/policy.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const IMAGE = `registry.example/web:1@sha256:${'a'.repeat(64)}`;
const SIGNED = `rules:
  - name: signed
    images: ["registry.example/**"]
    require: a
`;
const SHOP: Question = { images: [], scope: { namespace: 'shop' }, subject: 'pod', checkPins: true };

test('the same question under the same snapshot of policies is matched once', () => {
  const policies = [policyOf(SIGNED)];
  const first = matchRules(IMAGE, SHOP, policies, NOW);
  assert.equal(matchRules(IMAGE, { ...SHOP }, policies, NOW + 1), first);
  assert.equal(first.open.length, 1);
});

test('another snapshot of policies is asked anew', () => {
  matchRules(IMAGE, SHOP, [policyOf(SIGNED)], NOW);
  const other = policyOf(SIGNED.replace('require: a', 'require: b'));
  assert.equal(matchRules(IMAGE, SHOP, [other], NOW).open[0]?.policy, other);
  const silent = policyOf(SIGNED.replace('registry.example', 'elsewhere.example'));
  assert.equal(matchRules(IMAGE, SHOP, [silent], NOW).findings[0]?.code, 'NO_RULE');
});

test('another namespace is asked anew: rules and modes may be others', () => {
  const policies = [policyOf(`modes:\n  - { namespaces: [lab], mode: audit }\n${SIGNED}`)];
  const modeIn = (namespace: string) =>
    matchRules(IMAGE, { ...SHOP, scope: { namespace } }, policies, NOW).open[0]?.mode;
  assert.deepEqual(['lab', 'shop', 'lab', ''].map(modeIn), ['audit', 'enforce', 'audit', 'enforce']);
  const whole = matchRules(IMAGE, { ...SHOP, scope: {} }, policies, NOW);
  assert.equal(whole.open[0]?.mode, 'enforce');
});

test('other labels of the same namespace are asked anew', () => {
  const policies = [policyOf(SIGNED.replace('require', 'namespaceLabels: { team: red }\n    require'))];
  const codeWith = (namespaceLabels: Record<string, string> | undefined) => {
    const scope = { namespace: 'shop', ...(namespaceLabels === undefined ? {} : { namespaceLabels }) };
    const { open, findings } = matchRules(IMAGE, { ...SHOP, scope }, policies, NOW);
    return open.length > 0 ? 'open' : findings[0]?.code;
  };
  const asked = [{ team: 'red' }, { team: 'blue' }, undefined, { team: 'red' }].map(codeWith);
  assert.deepEqual(asked, ['open', 'NO_RULE', 'NAMESPACE_LABELS_UNKNOWN', 'open']);
});

test('modes that do not apply are not taken over', () => {
  const policies = [policyOf(SIGNED)];
  const modeFor = (modes?: 'enforced' | 'reported') =>
    matchRules(IMAGE, { ...SHOP, ...(modes && { modes }) }, policies, NOW).open[0]?.mode;
  assert.deepEqual(
    ['reported', undefined, 'enforced', 'reported'].map((modes) => modeFor(modes as 'enforced' | undefined)),
    ['audit', 'enforce', 'enforce', 'audit'],
  );
});

test('an exemption ends at its edge, also where it was matched before', () => {
  const until = Date.parse('2026-06-02T00:00:00Z');
  const policies = [policyOf(SIGNED.replace('require: a', 'allow: { reason: "old", until: 2026-06-01 }'))];
  const codeAt = (now: number) => matchRules(IMAGE, SHOP, policies, now).findings[0]?.code;
  assert.equal(codeAt(until), 'EXEMPTION_EXPIRED');
  const untagged = IMAGE.replace(':1@', '@');
  const at = (now: number) => matchRules(untagged, SHOP, policies, now).findings[0]?.code;
  assert.deepEqual([until - 1, until, until - 1].map(at), ['EXEMPT', 'EXEMPTION_EXPIRED', 'EXEMPT']);
});

test('a tag that must be confirmed must be so each time', () => {
  const policies = [policyOf(SIGNED.replace('**', 'web:1'))];
  const first = matchRules(IMAGE, SHOP, policies, NOW);
  assert.equal(first.open[0]?.confirmTag, true);
  assert.equal(matchRules(IMAGE, SHOP, policies, NOW).open[0]?.confirmTag, true);
});

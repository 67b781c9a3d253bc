// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decideEvery,
  decideImage,
  decideRequirement,
  type Finding,
  type RuleFinding,
} from '../src/decide.ts';
import type { Code } from '../src/errors.ts';
import type { Requirement } from '../src/policy/index.ts';
import type { SignatureOutcome } from '../src/verify/index.ts';
import { keySigner } from './support/key-signer.ts';

const signer = (name: string): Requirement => ({
  kind: 'signer',
  signer: keySigner(name),
});
const release = signer('release');
const both: Requirement = { kind: 'all', of: [release, signer('security')] };

function outcome(code: Code, name = 'release', candidate = 'a#0'): SignatureOutcome {
  const status = code === 'VERIFIED' ? 'verified' : code === 'BLOB_NOT_FOUND' ? 'inconclusive' : 'rejected';
  const evidence = {
    identity: `key:${name}`,
    keyFingerprint: name,
    algorithm: 'x',
    format: 'bundle',
  } as const;
  return {
    signer: name,
    candidate,
    storage: 'tag',
    status,
    code,
    message: code.toLowerCase(),
    ...(status === 'verified' ? { evidence } : {}),
  };
}

const DOWN = { storage: 'referrer', code: 'REGISTRY_ERROR', message: 'registry_error' } as const;

describe('decideRequirement', () => {
  const rows: readonly [string, Requirement, SignatureOutcome[], (typeof DOWN)[], string, Code][] = [
    ['nothing found', release, [], [], 'rejected', 'UNSIGNED'],
    ['nothing found, one store down', release, [], [DOWN], 'inconclusive', 'REGISTRY_ERROR'],
    ['verified', release, [outcome('VERIFIED')], [], 'verified', 'VERIFIED'],
    ['verified, the other store down', release, [outcome('VERIFIED')], [DOWN], 'verified', 'VERIFIED'],
    [
      'rejected, the other store down',
      release,
      [outcome('SIGNATURE_INVALID')],
      [DOWN],
      'inconclusive',
      'REGISTRY_ERROR',
    ],
    [
      'rejected, one unreadable',
      release,
      [outcome('SIGNATURE_INVALID'), outcome('BLOB_NOT_FOUND')],
      [],
      'inconclusive',
      'BLOB_NOT_FOUND',
    ],
    [
      'verified beside an unreadable one',
      release,
      [outcome('BLOB_NOT_FOUND'), outcome('VERIFIED')],
      [],
      'verified',
      'VERIFIED',
    ],
    ['one of two signers', both, [outcome('VERIFIED')], [], 'rejected', 'THRESHOLD_NOT_MET'],
    [
      'another name does not count',
      release,
      [outcome('VERIFIED', 'stranger')],
      [],
      'rejected',
      'THRESHOLD_NOT_MET',
    ],
    [
      'the code of the one that got furthest',
      release,
      [outcome('NOT_A_SIGNATURE'), outcome('KEY_EXPIRED'), outcome('SIGNATURE_INVALID')],
      [],
      'rejected',
      'KEY_EXPIRED',
    ],
  ];
  for (const [name, requirement, outcomes, failures, verdict, code] of rows) {
    test(`${name}: ${verdict} ${code}`, () => {
      const found = decideRequirement(requirement, outcomes, failures);
      assert.deepEqual([found.verdict, found.code], [verdict, code]);
      assert.match(found.message, /^wanted a signature by release/);
    });
  }

  test('who counts once for two names is said to', () => {
    const threshold: Requirement = { kind: 'atLeast', count: 2, of: [release, signer('security')] };
    const own = outcome('VERIFIED', 'security');
    assert.equal(decideRequirement(threshold, [outcome('VERIFIED'), own], []).verdict, 'verified');
    const shared = { ...outcome('VERIFIED'), signer: 'security' };
    const { code, message } = decideRequirement(threshold, [outcome('VERIFIED'), shared], []);
    assert.equal(code, 'THRESHOLD_NOT_MET');
    assert.match(
      message,
      /found signatures by release, security \(some of them by one key or identity\) only$/,
    );
    // Certificates for one identity have a key each.
    const certified = (name: string): SignatureOutcome => {
      const { evidence, ...others } = outcome('VERIFIED', name);
      return evidence === undefined ? others : { ...others, evidence: { ...evidence, identity: 'i s' } };
    };
    const twice = decideRequirement(threshold, [certified('release'), certified('security')], []);
    assert.match(twice.message, /\(some of them by one key or identity\) only$/);
  });

  test('a verified outcome without evidence proves nothing', () => {
    const { evidence: _, ...bare } = outcome('VERIFIED');
    assert.notEqual(decideRequirement(release, [bare], []).verdict, 'verified');
  });
});

describe('decideImage', () => {
  const finding = (verdict: RuleFinding['verdict'], mode: RuleFinding['mode']): RuleFinding => ({
    verdict,
    mode,
    policy: 'p',
    rule: `${verdict}-${mode}`,
    code: verdict === 'verified' ? 'VERIFIED' : verdict === 'exempt' ? 'EXEMPT' : 'UNSIGNED',
    message: `${verdict}-${mode}`,
  });
  const VERDICTS = ['verified', 'exempt', 'rejected', 'inconclusive'] as const;
  const MODES = ['enforce', 'warn', 'audit'] as const;
  const ALL = VERDICTS.flatMap((verdict) => MODES.map((mode) => finding(verdict, mode)));
  const denies = ({ verdict, mode }: RuleFinding) =>
    mode === 'enforce' && (verdict === 'rejected' || verdict === 'inconclusive');

  test('no finding denies', () => assert.equal(decideImage([]).decision, 'deny'));

  test('one enforced finding that is no yes denies, whatever stands beside it, in any order', () => {
    for (const one of ALL) {
      for (const other of ALL) {
        const expected = denies(one) || denies(other) ? 'deny' : 'allow';
        assert.equal(decideImage([one, other]).decision, expected, `${one.rule} and ${other.rule}`);
      }
    }
  });

  test('the strictest finding speaks', () => {
    const order = [
      'rejected-enforce',
      'inconclusive-enforce',
      'rejected-warn',
      'inconclusive-warn',
      'rejected-audit',
      'inconclusive-audit',
    ];
    const findings = ALL.filter((one) => order.includes(one.rule));
    while (findings.length > 0) {
      const { message } = decideImage(findings);
      assert.equal(message, order.shift());
      findings.splice(
        findings.findIndex((one) => one.message === message),
        1,
      );
    }
  });
});

describe('decideEvery', () => {
  const FINDINGS = {
    yes: { verdict: 'verified', code: 'VERIFIED', message: 'found it' },
    no: { verdict: 'rejected', code: 'UNSIGNED', message: 'found nothing' },
    other: { verdict: 'rejected', code: 'SIGNATURE_INVALID', message: 'found another' },
    down: { verdict: 'inconclusive', code: 'REGISTRY_ERROR', message: 'could not ask' },
  } as const satisfies Record<string, Finding>;
  const digest = (index: number) => `sha256:${String(index).repeat(64)}` as const;
  const decide = (...names: readonly (keyof typeof FINDINGS)[]) =>
    decideEvery(
      names.map((name, index) => ({
        digest: digest(index),
        platform: index === 1 ? '' : `linux/p${index}`,
        finding: FINDINGS[name],
      })),
    );

  test('no image at all is rejected, never verified', () => {
    const { verdict, code } = decideEvery([]);
    assert.deepEqual([verdict, code], ['rejected', 'NO_PLATFORM']);
  });

  test('verified where every image is', () => {
    assert.deepEqual(decide('yes'), { ...FINDINGS.yes, message: 'of the one image of the index: found it' });
    assert.equal(decide('yes', 'yes', 'yes').message, 'of each of 3 images of the index: found it');
    assert.equal(decide('yes', 'yes').child, undefined);
  });

  for (const [names, code, child] of [
    [['yes', 'no'], 'UNSIGNED', 1],
    [['other', 'no'], 'SIGNATURE_INVALID', 0],
    [['down', 'no', 'yes'], 'UNSIGNED', 1],
    [['yes', 'down', 'yes'], 'REGISTRY_ERROR', 1],
  ] as const) {
    test(`${names.join(', ')}: ${code} of child ${child}`, () => {
      const found = decide(...names);
      assert.deepEqual([found.code, found.child], [code, digest(child)]);
      assert.ok(found.message.startsWith(child === 1 ? `${digest(1)}: ` : `linux/p0 (${digest(0)}): `));
      assert.notEqual(found.verdict, 'verified');
    });
  }
});

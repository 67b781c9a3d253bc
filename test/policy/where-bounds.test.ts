// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { parseRegexp } from '../../src/policy/regexp.ts';
import { OUT_OF_TIME, runBounded } from '../../src/policy/run-bounded.ts';
import { compileWhere } from '../../src/policy/where.ts';

const IMAGE = { registry: 'reg.io', repository: 'web', digest: 'sha256:ab', tag: '' };
const evaluate = (text: string, predicate: unknown, bounds?: Parameters<typeof compileWhere>[1]) =>
  compileWhere(text, bounds).evaluate({ predicate, subject: [], image: IMAGE, now: 0 });
/** For what ends by itself: the bound is not what is tried, and a busy machine takes its time. */
const PATIENT = { ms: 60_000, foundMs: 60_000 };

const LONG = Array.from({ length: 100_000 }, (_, index) => index);
const SOON = { code: 'WHERE_TIMEOUT' };

test('what would take hours ends, and what comes after it is answered', () => {
  for (const text of [
    'predicate.l.all(x, predicate.l.all(y, x + y >= 0))',
    'predicate.l.all(x, predicate.l.exists(y, y == -1) || x >= 0)',
    'predicate.l.all(x, !(-1 in predicate.l))',
    'predicate.l.map(x, predicate.l.filter(y, y == x)) == [predicate]',
    'predicate.l.all(x, predicate.text.matches("(a*)*b") || x >= 0)',
  ]) {
    assert.throws(() => evaluate(text, { l: LONG, text: 'a'.repeat(100_000) }), SOON, text);
    assert.equal(evaluate('predicate.n == 1', { n: 1 }, PATIENT), true);
  }
});

test('what an expression itself multiplies ends as well', () => {
  const list = `[${Array.from({ length: 60 }, (_, index) => index).join(',')}]`;
  const nested = ['a', 'b', 'c', 'd', 'e'].reduceRight(
    (inner, name) => `${list}.all(${name}, ${inner})`,
    'true',
  );
  assert.throws(() => evaluate(nested, {}), SOON);
});

test('no text becomes longer than one may be: to take it apart would end the process', () => {
  const eightfold = '.map(x, x + x + x + x + x + x + x + x)'.repeat(9);
  for (const text of [
    `["xxxxxxxx"]${eightfold}.exists(x, x.split("").size() > 0)`,
    `["xxxxxxxx"]${eightfold}.exists(x, size(x) > 0) || predicate.n == 2`,
    `[predicate.half].exists(x, (x + x + x).size() > 0)`,
    `[predicate.half, predicate.half, "!"].join("").size() > 0`,
  ]) {
    const half = 'x'.repeat(LIMITS.whereTextLength / 2);
    assert.throws(
      () => evaluate(text, { n: 1, half }, PATIENT),
      { code: 'WHERE_FAILED', message: /a text longer/ },
      text,
    );
  }
  assert.equal(
    evaluate('predicate.text + "y" != predicate.text', { text: 'x'.repeat(LIMITS.statementBytes) }, PATIENT),
    true,
  );
});

test('a regular expression takes linear time', () => {
  assert.equal(evaluate('predicate.t.matches("^(a+)+$")', { t: `${'a'.repeat(2000)}!` }, PATIENT), false);
});

test('of a predicate as large as one may be only what is looked at is converted', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) });
  let looks = 0;
  const all = Array.from({ length: 100_000 }, (_, index) => ({
    name: `package-${index}`,
    licences: ['MIT', { id: index }],
    deep: null,
  }));
  const packages = new Proxy(all, {
    get(target, key) {
      looks += 1;
      return Reflect.get(target, key);
    },
  });
  const predicate = { packages, deep: deep(60), n: LIMITS.jsonDepth };
  assert.equal(evaluate(`predicate${'.deep'}${'.a'.repeat(60)} == 1`, predicate, PATIENT), true);
  assert.equal(evaluate('size(predicate.packages) == 100000', predicate, PATIENT), true);
  assert.equal(evaluate('predicate.packages[99999].licences[1].id == 99999', predicate, PATIENT), true);
  assert.ok(looks < 100, `${looks} looks`);
});

test('the bound is one on whatever is called, and passes on what it returns and throws', () => {
  const forever = () => {
    for (;;);
  };
  assert.equal(runBounded(forever, 10), OUT_OF_TIME);
  assert.equal(
    runBounded(() => 7, 60_000),
    7,
  );
  assert.throws(
    () =>
      runBounded(() => {
        throw new TypeError('mine');
      }, 60_000),
    TypeError,
  );
});

test('an expression that is as long as one may be gets a value or a reason, however it nests', () => {
  const chains: readonly string[] = [
    `1${'+1'.repeat(2000)} == 1`,
    `true${'||true'.repeat(650)}`,
    `true${'==true'.repeat(650)}`,
    `predicate${'.a'.repeat(2000)} == 1`,
    `predicate${'[0]'.repeat(1300)} == 1`,
    `predicate${'.size()'.repeat(500)} == 1`,
    `${'!'.repeat(4000)}true`,
    `${'('.repeat(2000)}true${')'.repeat(2000)}`,
    `${'true?true:'.repeat(400)}true`,
    `${'predicate.all(x,'.repeat(200)}true${')'.repeat(200)}`,
  ];
  const deep = (depth: number): void => (depth === 0 ? tryAll() : deep(depth - 1));
  const tryAll = () => {
    for (const text of chains) {
      const code = codeOf(() => evaluate(text, {}));
      assert.match(code, /^(?:VALUE|POLICY_INVALID|WHERE_FAILED|WHERE_TIMEOUT)$/, text.slice(0, 40));
    }
  };
  for (const depth of [0, 2000, 5000]) deep(depth);
});

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'VALUE';
  } catch (error) {
    return error instanceof CountersignError ? error.code : String(error);
  }
}

test('a regular expression whose repeats would fill the memory is refused before it is compiled', () => {
  for (const text of ['x{0,1000}'.repeat(400), `(?:${'a'.repeat(900)}){1000}`, 'x{1000}'.repeat(500)]) {
    assert.throws(() => compileWhere(`predicate.t.matches("${text}")`), { code: 'POLICY_INVALID' });
    assert.throws(() => parseRegexp(text.slice(-1024)), { code: 'POLICY_INVALID' });
  }
  const real = '^(?:[a-z0-9]{1,63}[.]){1,8}[a-z]{2,40}/[a-f0-9]{64}$';
  assert.equal(
    evaluate(`predicate.t.matches("${real}")`, { t: `a.b.example/${'a'.repeat(64)}` }, PATIENT),
    true,
  );
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { type Read, verifyAttestations } from '../../src/evaluation/attestation-outcomes.ts';
import { LIMITS } from '../../src/limits.ts';
import type { AttestationRequirement, Requirement, Signer, WhereInput } from '../../src/policy/index.ts';
import { type Candidate, NO_TRUST_ROOTS, type TrustRoot } from '../../src/verify/index.ts';
import { keySigner } from '../support/key-signer.ts';
import { IMAGE, NOW } from '../support/verification.ts';

const TYPE = 'https://acme.example/scan/v1';
const BASIS = { now: NOW, trust: NO_TRUST_ROOTS };
const EXCHANGE = { signal: new AbortController().signal };
const TAGGED = { ...IMAGE, tag: '1' };

/** A candidate says in a word who signed it and what it says: `release:good`, `?` for what cannot be read. */
function candidate(word: string): Candidate {
  if (word === '?') {
    return { kind: 'unreadable', id: word, storage: 'tag', code: 'BLOB_NOT_FOUND', message: 'gone' };
  }
  return { kind: 'envelope', id: word, storage: 'tag', payload: Buffer.from(word), annotations: {} };
}

/** Reads words, and counts how often each is verified. */
function reader(types: Readonly<Record<string, string | undefined>> = {}) {
  const verified: string[] = [];
  const read: Read = {
    typeOf: ({ id }) => (id in types ? types[id] : TYPE),
    statement: ({ id }) => ({ predicateType: TYPE, predicate: id.split(':')[1], subject: [] }),
    verify: (one, signer) => {
      verified.push(`${one.id} ${signer.name}`);
      return verifyWord(one, signer);
    },
  };
  return { read, verified };
}

function verifyWord({ id, storage }: Candidate, signer: Signer): ReturnType<Read['verify']> {
  const named = { signer: signer.name, candidate: id, storage };
  if (id === '?') {
    return { outcome: { ...named, status: 'inconclusive', code: 'BLOB_NOT_FOUND', message: 'gone' } };
  }
  const [by, predicate = ''] = id.split(':');
  if (by !== signer.name) {
    return { outcome: { ...named, status: 'rejected', code: 'SIGNATURE_INVALID', message: 'no' } };
  }
  const evidence = { identity: `key:${by}`, keyFingerprint: by, algorithm: 'x', format: 'bundle' } as const;
  return {
    outcome: { ...named, status: 'verified', code: 'VERIFIED', message: 'yes', evidence },
    statement: {
      predicateType: predicate === 'lie' ? 'another' : TYPE,
      predicate,
      subject: [],
      times: [NOW],
    },
  };
}

/** A `where` that wants `good`, and notes what it was asked. */
function demand(more: Partial<AttestationRequirement> & { usesNow?: boolean; answers?: unknown } = {}) {
  const asked: WhereInput[] = [];
  const evaluate = (input: WhereInput): boolean => {
    asked.push(input);
    if (input.predicate === 'slow') throw new CountersignError('WHERE_TIMEOUT', 'too slow');
    if (input.predicate === 'odd') throw new CountersignError('WHERE_FAILED', 'no value');
    if (input.predicate === 'broken') throw new TypeError('a defect');
    return (input.predicate === 'text' ? 'true' : input.predicate === 'good') as boolean;
  };
  const { usesNow = false, ...others } = more;
  const requirement: AttestationRequirement = {
    predicateType: TYPE,
    by: { kind: 'signer', signer: keySigner('release') },
    quantifier: 'every',
    where: {
      text: 'it is good',
      usesNow,
      looksAtTag: false,
      evaluate,
      found: ({ predicate }) => (predicate === 'bad' ? '"bad"' : ''),
    },
    ...others,
  };
  return { requirement, asked };
}

const run = async (
  requirement: AttestationRequirement,
  candidates: readonly Candidate[],
  read: Read,
  basis = BASIS,
  image = TAGGED,
) => verifyAttestations(requirement, candidates, image, basis, EXCHANGE, read);

for (const [predicate, status, code] of [
  ['good', 'verified', 'VERIFIED'],
  ['bad', 'rejected', 'ATTESTATION_REJECTED'],
  ['text', 'rejected', 'ATTESTATION_REJECTED'],
  ['odd', 'rejected', 'WHERE_FAILED'],
  ['slow', 'inconclusive', 'WHERE_TIMEOUT'],
  ['broken', 'inconclusive', 'INTERNAL_ERROR'],
] as const) {
  test(`a where that says ${predicate}: ${status}, and authentic all the same`, async () => {
    const { requirement, asked } = demand();
    const [found] = await run(requirement, [candidate(`release:${predicate}`)], reader().read);
    assert.deepEqual([found?.outcome.status, found?.outcome.code], [status, code]);
    assert.equal(found?.outcome.attestation, TYPE);
    assert.deepEqual(found?.authentic?.times, [NOW]);
    const { registry, repository, digest } = IMAGE;
    const image = { registry, repository, digest, tag: '1' };
    assert.deepEqual(asked, [{ predicate, subject: [], image, now: NOW }]);
  });
}

test('what is not true is told with what was found, where that is known', async () => {
  const said = async (predicate: string) => {
    const [found] = await run(demand().requirement, [candidate(`release:${predicate}`)], reader().read);
    return found?.outcome.message;
  };
  const untrue = 'its signature holds, and what is wanted of it is not true';
  assert.deepEqual([await said('bad'), await said('text')], [`${untrue}: found "bad"`, untrue]);
});

test('where is never asked about what nobody who is named has signed', async () => {
  const { requirement, asked } = demand();
  const found = await run(requirement, [candidate('stranger:good'), candidate('?')], reader().read);
  assert.deepEqual(
    found.map(({ outcome, authentic }) => [outcome.code, authentic]),
    [
      ['SIGNATURE_INVALID', undefined],
      ['BLOB_NOT_FOUND', undefined],
    ],
  );
  assert.deepEqual(asked, []);
});

test('what verifies as another type than it claimed is a defect, and no yes', async () => {
  const { requirement, asked } = demand();
  const [found] = await run(requirement, [candidate('release:lie')], reader().read);
  assert.deepEqual([found?.outcome.status, found?.authentic], ['inconclusive', undefined]);
  assert.deepEqual(asked, []);
});

test('another type is not verified at all; what has none is verified, and counts where it cannot be told', async () => {
  const { requirement } = demand();
  const { read, verified } = reader({ 'release:other': 'another', 'stranger:junk': undefined });
  const words = ['release:other', 'stranger:junk', '?'].map(candidate);
  const found = await run(requirement, words, read);
  assert.deepEqual(verified, ['stranger:junk release', '? release']);
  assert.deepEqual(
    found.map(({ outcome }) => outcome.candidate),
    ['?'],
  );
});

test('any ends with the first that satisfies, the others look at each', async () => {
  const words = ['release:bad', 'release:good', 'release:more'].map(candidate);
  for (const [quantifier, count] of [
    ['any', 2],
    ['every', 3],
    ['newest', 3],
  ] as const) {
    const { requirement } = demand({ quantifier });
    assert.equal((await run(requirement, words, reader().read)).length, count);
  }
});

test('what says the same has the same content, where the newest is wanted', async () => {
  const { requirement } = demand({ quantifier: 'newest' });
  const words = ['release:good', 'release:good', 'release:bad'].map(candidate);
  const found = await run(requirement, words, reader().read);
  const [one, same, other] = found.map(({ authentic }) => authentic?.content);
  assert.ok(one);
  assert.equal(one, same);
  assert.notEqual(one, other);
});

test('each is verified once for one candidate, demand, image, tag and trust root', async () => {
  const { requirement, asked } = demand();
  const { read, verified } = reader();
  const words = [candidate('release:good')];
  const first = await run(requirement, words, read);
  assert.deepEqual(await run(requirement, words, read), first);
  assert.deepEqual([verified.length, asked.length], [1, 1]);
  await run({ ...requirement }, words, read);
  assert.equal(verified.length, 2, 'another policy snapshot');
  await run(requirement, words, read, BASIS, { ...TAGGED, tag: '2' });
  assert.equal(verified.length, 3, 'another tag');
  const roots = new Map([['default', {} as TrustRoot]]);
  await run(requirement, words, read, { ...BASIS, trust: { fingerprint: '', roots } });
  assert.equal(verified.length, 4, 'another trust root');
});

test('so many refusals are kept beside one candidate, and all that is authentic', async () => {
  const names = Array.from({ length: LIMITS.outcomesPerCandidate + 2 }, (_, index) => `stranger-${index}`);
  const signers = [...names, 'release'].map((name) => keySigner(name));
  const { requirement } = demand({
    by: { kind: 'all', of: signers.map((signer) => ({ kind: 'signer', signer })) },
  });
  const { read, verified } = reader();
  const candidates = [candidate('release:good')];
  const ask = () => verifyAttestations(requirement, candidates, TAGGED, BASIS, EXCHANGE, read);
  const [first, second] = [await ask(), await ask()];
  assert.deepEqual(second, first);
  const again = names.slice(LIMITS.outcomesPerCandidate).map((name) => `release:good ${name}`);
  assert.deepEqual(verified.slice(signers.length), again);
});

test('a where that was too slow is asked again, and so is one that looks at the time', async () => {
  const slow = demand();
  const { read, verified } = reader();
  const words = [candidate('release:slow')];
  await run(slow.requirement, words, read);
  await run(slow.requirement, words, read);
  assert.equal(slow.asked.length, 2);
  const timely = demand({ usesNow: true });
  const good = [candidate('release:good')];
  await run(timely.requirement, good, read);
  await run(timely.requirement, good, read, { ...BASIS, now: NOW + 1 });
  assert.deepEqual(
    timely.asked.map(({ now }) => now),
    [NOW, NOW + 1],
  );
  assert.equal(verified.length, 2, 'what the signatures say is not asked again');
});

test('whoever has gone away gets the reason, not an answer', async () => {
  const { requirement } = demand();
  const words = Array.from({ length: 3 }, () => candidate('release:good'));
  const { read } = reader();
  const busy: Read = {
    ...read,
    verify: (one, signer, image, now, trust) => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      return read.verify(one, signer, image, now, trust);
    },
  };
  const reason = new CountersignError('DEADLINE_EXCEEDED', 'too late');
  const exchange = { signal: AbortSignal.abort(reason) };
  await assert.rejects(verifyAttestations(requirement, words, TAGGED, BASIS, exchange, busy), reason);
});

test('of a type that no policy can demand only that is kept, however long it is', async () => {
  const predicateType = `x:${'y'.repeat(LIMITS.predicateTypeLength)}`;
  const { read, verified } = reader({ 'release:good': predicateType });
  const words = [candidate('release:good')];
  for (const type of [TYPE, TYPE, predicateType]) {
    const { requirement } = demand({ predicateType: type });
    assert.deepEqual(await run(requirement, words, read), []);
  }
  assert.deepEqual(verified, []);
});

test('whether any suffices is asked where one more is proved, not for all the junk beside it', async () => {
  let asked = 0;
  const by: Requirement = { kind: 'signer', signer: keySigner('release') };
  const counted = new Proxy(by, {
    get(target, key) {
      if (key === 'kind') asked += 1;
      return Reflect.get(target, key);
    },
  });
  const { requirement } = demand({ quantifier: 'any', by: counted });
  const junk = Array.from({ length: 100 }, () => candidate('stranger:junk'));
  const found = await run(
    requirement,
    [...junk, ...['release:bad', 'release:good'].map(candidate)],
    reader().read,
  );
  assert.equal(found.length, 102);
  assert.ok(asked < 10, `asked ${asked} times`);
});

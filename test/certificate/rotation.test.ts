// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextLook, nextState, type Standing, type Wanted } from '../../src/certificate/rotation.ts';
import {
  authoritiesIn,
  bundleOf,
  hasSigned,
  parseTlsState,
  renderTlsState,
  type TlsState,
} from '../../src/certificate/tls-state.ts';
import { createTestCa } from '../../src/testing/index.ts';

const HOUR = 3_600_000;
const LIFETIME = 2160 * HOUR;
const START = Date.UTC(2026, 10, 22);
const WANTED: Wanted = { name: 'our authority', hosts: ['web', 'web.own.svc'], lifetimeMs: LIFETIME };
const EMPTY = { 'ca.crt': '', 'ca.key': '', 'next-ca.key': '', 'tls.crt': '', 'tls.key': '' };

function step(state: TlsState, standing: Partial<Standing>, wanted: Partial<Wanted> = {}) {
  const next = nextState(
    state,
    { ...WANTED, ...wanted },
    { now: START, shared: true, trusted: false, known: [], ...standing },
  );
  // As it goes through the Secret.
  return next && parseTlsState(renderTlsState(next));
}

function settled(now = START): TlsState {
  const first = step(parseTlsState(EMPTY), { now });
  const second = first && step(first, { now, trusted: true });
  assert.ok(second !== undefined);
  return second;
}

const names = ({ authorities }: TlsState) => authorities.map(({ x509 }) => x509.fingerprint256);

test('an empty Secret gets an authority first, and a leaf only once that is trusted', () => {
  const first = step(parseTlsState(EMPTY), {});
  assert.ok(first?.next !== undefined);
  assert.deepEqual([first.authorities.length, first.current, first.leaf], [1, undefined, undefined]);
  assert.equal(step(first, { now: START + HOUR }), undefined, 'not trusted: nothing happens');
  const { authorities, current, next, leaf } = step(first, { trusted: true }) ?? first;
  assert.deepEqual([authorities.length, next], [1, undefined]);
  assert.equal(current?.x509.fingerprint256, first.next.x509.fingerprint256);
  assert.ok(current && leaf && hasSigned(current, leaf));
  assert.equal(leaf.x509.subjectAltName, 'DNS:web, DNS:web.own.svc');
  assert.equal(leaf.x509.ca, false);
  assert.deepEqual(leaf.x509.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.deepEqual([leaf.notAfter, leaf.notBefore], [START + LIFETIME, START - HOUR]);
  assert.deepEqual([current.notAfter, current.x509.ca], [START + 10 * LIFETIME, true]);
});

test('a leaf is made anew past two thirds of its life, the authority stays', () => {
  const state = settled();
  const due = nextLook(state);
  assert.ok(Math.abs(due - (START + (2 / 3) * LIFETIME)) < HOUR);
  assert.equal(step(state, { now: due - 1, trusted: true }), undefined);
  const after = step(state, { now: due, trusted: true });
  assert.deepEqual([after && names(after), after?.leaf?.notAfter], [names(state), due + LIFETIME]);
});

test('the next authority is trusted before it signs, and the old one until it ends', () => {
  const due = START + 7 * LIFETIME;
  const state = step(settled(), { now: due }) ?? settled();
  const spreading = step(state, { now: due }) ?? state;
  assert.deepEqual([spreading.authorities.length, spreading.leaf?.pem], [2, state.leaf?.pem]);
  assert.equal(spreading.current?.pem, state.current?.pem);
  const renewed = step(spreading, { now: due + LIFETIME });
  assert.ok(
    renewed?.leaf && state.current && hasSigned(state.current, renewed.leaf),
    'still the old one signs',
  );
  const changed = step(spreading, { now: due, trusted: true });
  assert.ok(changed?.leaf && spreading.next && hasSigned(spreading.next, changed.leaf));
  assert.deepEqual(names(changed), names(spreading), 'the old one is still trusted');
  assert.ok(!Object.values(renderTlsState(changed)).includes(state.current?.key ?? ''), 'its key is gone');
  assert.equal(step(changed, { now: START + 8 * LIFETIME, trusted: true })?.authorities.length, 2);
  const leaf = step(changed, { now: START + 10 * LIFETIME, trusted: true });
  assert.ok(leaf !== undefined);
  assert.deepEqual(names(leaf), names(changed).slice(0, 1), 'ended: it leaves');
});

test('no leaf outlives its authority, and near its end none is made without need', () => {
  const end = START + 10 * LIFETIME;
  const late = step(settled(), { now: end - LIFETIME / 2 });
  assert.equal(late?.leaf?.notAfter, end);
  const waiting = late && step(late, { now: end - LIFETIME / 2 });
  assert.ok(waiting?.next !== undefined);
  assert.equal(step(waiting, { now: end - 1 }), undefined);
  assert.equal(
    step(waiting, { now: end + 1, trusted: true })?.leaf?.notAfter,
    end + 1000 * Math.floor((1 + LIFETIME) / 1000),
  );
});

test('a leaf for other names is left to whoever serves it, until it is due', () => {
  const state = settled();
  const hosts = ['other'];
  assert.equal(step(state, {}, { hosts }), undefined);
  const after = step(state, { now: nextLook(state) }, { hosts });
  assert.equal(after?.leaf?.x509.subjectAltName, 'DNS:other');
  assert.equal(after?.current?.pem, state.current?.pem);
});

test('a leaf and an authority that begin too far ahead are none, if everybody goes by the clock', () => {
  const ahead = settled(START + 3 * HOUR);
  assert.equal(step(ahead, { shared: false }), undefined, 'it may be our clock that is wrong');
  const first = step(ahead, {});
  assert.ok(first?.next !== undefined && first.current === undefined);
  assert.deepEqual(names(first).slice(1), names(ahead), 'somebody may serve a leaf of the other');
  const second = step(first, { trusted: true });
  assert.ok(second?.leaf && hasSigned(first.next, second.leaf));
  assert.equal(second.leaf.notBefore, START - HOUR);
  assert.equal(step(second, { trusted: true }), undefined);

  const late = step(settled(), { now: START + 0.9 * LIFETIME });
  const leaf = late && step(late, { now: START });
  assert.deepEqual([leaf && names(leaf), leaf?.leaf?.notBefore], [late && names(late), START - HOUR]);
  assert.equal(step(settled(START + HOUR + 300_000), {}), undefined, 'a little ahead is waited for');
});

test('of a broken Secret what still fits is kept, and what callers trust is not taken away', () => {
  const state = settled();
  const texts = renderTlsState(state);
  const stranger = createTestCa();
  const other = settled();
  const rows = [
    ['no key of the authority', { 'ca.key': '' }],
    ['a broken key', { 'ca.key': texts['ca.key'].slice(0, 60) }],
    ['the key of another', { 'ca.key': renderTlsState(other)['ca.key'] }],
    ['no authorities', { 'ca.crt': '' }],
    ['a broken list', { 'ca.crt': 'no PEM' }],
    ['a leaf among the authorities', { 'ca.crt': texts['tls.crt'] }],
    ['the authority of another', { 'ca.crt': renderTlsState(other)['ca.crt'] }],
    ['nothing', EMPTY],
  ] as const;
  for (const [what, broken] of rows) {
    const read = parseTlsState({ ...texts, ...broken });
    const known = [...state.authorities, ...authoritiesIn(stranger.certificate)];
    const after = step(read, { known, trusted: true });
    assert.ok(after?.next !== undefined && after.current === undefined, what);
    assert.ok(names(after).includes(names(state)[0] ?? ''), `${what}: callers still trust the leaf in use`);
    assert.ok(!bundleOf(after.authorities).includes(stranger.certificate.trim()), `${what}: not our name`);
  }
  for (const [what, broken] of [
    ['no leaf', { 'tls.crt': '' }],
    [
      'a leaf of another',
      { 'tls.crt': renderTlsState(other)['tls.crt'], 'tls.key': renderTlsState(other)['tls.key'] },
    ],
    ['another key', { 'tls.key': renderTlsState(other)['tls.key'] }],
  ] as const) {
    const read = parseTlsState({ ...texts, ...broken });
    assert.equal(read.leaf, undefined, what);
    const after = step(read, {});
    assert.deepEqual([after?.authorities.length, after?.leaf !== undefined], [1, true], what);
  }
});

test('a state goes through its texts unchanged, and ended authorities sign nothing', () => {
  const state = settled();
  assert.deepEqual(renderTlsState(parseTlsState(renderTlsState(state))), renderTlsState(state));
  const after = step(state, { now: START + 11 * LIFETIME, trusted: true, known: state.authorities });
  assert.ok(after?.next !== undefined);
  assert.deepEqual([after.authorities.length, after.current], [1, undefined]);
});

test('serial numbers are large and never negative', () => {
  for (let count = 0; count < 20; count += 1) {
    const serial = settled().leaf?.x509.serialNumber ?? '';
    assert.match(serial, /^[0-9A-F]{24,32}$/);
  }
});

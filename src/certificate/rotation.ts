// SPDX-License-Identifier: Apache-2.0
import { createAuthority, createLeaf } from './authority.ts';
import { type Certificate, hasSigned, type Keyed, keyed, type TlsState } from './tls-state.ts';

/** What the certificates shall be like. */
export type Wanted = {
  /** The common name of authorities. */
  readonly name: string;
  /** DNS names of the leaf. */
  readonly hosts: readonly string[];
  /** Of a leaf; an authority lives ten times as long. */
  readonly lifetimeMs: number;
};

/** What the next step depends on beside the state. */
export type Standing = {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether `now` is of a clock that all who write the state go by. */
  readonly shared: boolean;
  /** Whether every caller trusts all authorities of the state by now. */
  readonly trusted: boolean;
  /** Authorities that callers trust, whether they are in the state or not. */
  readonly known: readonly Certificate[];
};

const AUTHORITY_LIVES = 10;
/**
 * How far ahead a certificate may begin and still be left to come: the clocks of several API servers differ by seconds, and
 * one of them minutes off is mended, or noticed. Ours begin an hour before they are made, so what begins later than this was
 * made by a clock that is wrong by more than an hour.
 */
const TOLERATED_MS = 300_000;

/**
 * The state that has to be written next, or `undefined` where this one is as it should be. One step at a time:
 *
 * 1. Where nothing can sign, an authority is made, and waits (`next`). Those that callers trust already are kept:
 *    somebody may serve a leaf of theirs.
 * 2. Where everybody trusts `next`, it becomes `current` and signs a leaf. The key of the old one is gone with that.
 * 3. A leaf that is missing or past two thirds of its life is made anew. One that is for other names is left alone until
 *    then: somebody serves it, who would make it anew as soon as we did.
 * 4. Past two thirds of the life of `current` an authority is made, and waits.
 * 5. Authorities leave when they end, not before: until then a leaf of theirs may be served by somebody who has
 *    heard of nothing, and no leaf outlives its authority.
 * 6. What is not valid yet is no certificate, if the clock that says so is everybody's: else one replica whose clock is wrong and
 *    the others would take turns for ever.
 */
export function nextState(state: TlsState, wanted: Wanted, standing: Standing): TlsState | undefined {
  const { now, shared } = standing;
  const lives = (one: Certificate) => now < one.notAfter;
  const holds = (one: Certificate) => lives(one) && !(shared && one.notBefore > now + TOLERATED_MS);
  const authorities = state.authorities.filter(lives);
  const current = state.current && holds(state.current) ? state.current : undefined;
  const next = state.next && holds(state.next) ? state.next : undefined;
  const leaf = state.leaf && holds(state.leaf) ? state.leaf : undefined;
  if (current === undefined && next === undefined) {
    const kept = standing.known.filter((one) => lives(one) && isOf(one, wanted.name));
    return withNew({ ...state, authorities: union(authorities, kept), current, next }, wanted, now);
  }
  if (next !== undefined && standing.trusted) {
    return { authorities, current: next, next: undefined, leaf: leafOf(next, wanted, now) };
  }
  if (current !== undefined && isLeafDue(leaf, current, wanted, now)) {
    return { authorities, current, next, leaf: leafOf(current, wanted, now) };
  }
  if (current !== undefined && next === undefined && now >= renewalOf(current)) {
    return withNew({ ...state, authorities, current, next }, wanted, now);
  }
  return authorities.length < state.authorities.length ? { ...state, authorities, current, next } : undefined;
}

/** When the state has to be looked at again though nothing else has changed, in milliseconds since the epoch. */
export function nextLook({ current, leaf }: TlsState): number {
  return Math.min(
    leaf === undefined ? Number.POSITIVE_INFINITY : renewalOf(leaf),
    current === undefined ? Number.POSITIVE_INFINITY : renewalOf(current),
  );
}

/** The DNS names of a leaf of ours. */
export function namesOf({ x509 }: Certificate): readonly string[] {
  return (x509.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''));
}

/** When a certificate is past two thirds of its life. */
function renewalOf({ notBefore, notAfter }: Certificate): number {
  return notAfter - (notAfter - notBefore) / 3;
}

function withNew(state: TlsState, { name, lifetimeMs }: Wanted, now: number): TlsState {
  const next = keyed(createAuthority(name, now, lifetimeMs * AUTHORITY_LIVES));
  return { ...state, authorities: [next, ...state.authorities], next };
}

function leafOf(authority: Keyed, { name, hosts, lifetimeMs }: Wanted, now: number): Keyed {
  const { pem: certificate, key, notAfter } = authority;
  return keyed(createLeaf({ certificate, key, name, notAfter }, hosts, now, lifetimeMs));
}

function isLeafDue(leaf: Keyed | undefined, current: Keyed, wanted: Wanted, now: number): boolean {
  if (leaf === undefined || !hasSigned(current, leaf)) return true;
  // Near the end of an authority a new leaf would live no longer than the one there is.
  return now >= renewalOf(leaf) && Math.min(now + wanted.lifetimeMs, current.notAfter) > leaf.notAfter;
}

function isOf({ x509 }: Certificate, name: string): boolean {
  return x509.subject === `CN=${name}`;
}

function union(one: readonly Certificate[], other: readonly Certificate[]): readonly Certificate[] {
  const known = new Set(one.map(({ x509 }) => x509.fingerprint256));
  return [...one, ...other.filter(({ x509 }) => !known.has(x509.fingerprint256))];
}

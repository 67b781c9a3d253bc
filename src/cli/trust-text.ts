// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { plainText } from '../report/index.ts';
import type { FoundTrustRoot, TrustRootPlace } from '../trust/index.ts';
import {
  nextExpiry,
  type TrustedAuthority,
  type TrustedLog,
  type TrustRoot,
  type ValidityWindow,
} from '../verify/index.ts';

const LONGEST_TEXT = 512;

/** One thing that a trust root trusts. */
type Entry = {
  readonly kind: 'certificate authority' | 'certificate log' | 'transparency log' | 'timestamp authority';
  /** What it is known by: the id of a log, the digest of the certificate that an authority issues with. */
  readonly id: string;
  readonly uri: string;
  /** Subjects of an authority's chain, the one that issues first. */
  readonly subjects: readonly string[];
  readonly from: string | undefined;
  /** The end of its window or of its chain, whichever comes first; `undefined`: none. */
  readonly until: string | undefined;
};

/** A trust root as `trust show --output json` gives it. `now` is in milliseconds since the epoch. */
export function trustRootJson({ root, place }: FoundTrustRoot, now: number) {
  const { name, fingerprint } = root;
  const source =
    place.kind === 'kept'
      ? { kind: place.kind, mirror: place.mirror, refreshedAt: refreshedAt(place) }
      : place;
  return { name, fingerprint, source, nextExpiry: moment(nextExpiry(root, now)), entries: entriesOf(root) };
}

/** The same for people. */
export function describeTrustRoot(found: FoundTrustRoot, now: number): string {
  const { name, fingerprint, nextExpiry: next, entries } = trustRootJson(found, now);
  const lines = entries.flatMap(({ kind, uri, subjects, id, from, until }) => [
    `  ${kind}  ${uri === '' ? '(no address)' : shown(uri)}`,
    ...subjects.map((subject) => `    ${shown(subject)}`),
    `    ${id}`,
    `    from ${from ?? 'the beginning'} until ${until ?? 'further notice'}`,
  ]);
  const head = [
    `${name}  ${fingerprint}`,
    `  source  ${shown(describePlace(found.place))}`,
    `  next expiry  ${next ?? 'none'}`,
  ];
  return `${[...head, ...lines].join('\n')}\n`;
}

function describePlace(place: TrustRootPlace): string {
  if (place.kind === 'files') return place.paths.join(', ');
  if (place.kind === 'broughtAlong') return 'brought along with this version of Countersign';
  return `${new URL(place.mirror).host}, as it was at ${refreshedAt(place) ?? 'an unknown time'}`;
}

/** A damaged file may not say. */
function refreshedAt({ refreshedAt: time }: TrustRootPlace & { kind: 'kept' }): string | undefined {
  return moment(time === 0 ? undefined : time);
}

/** What is trusted now and was not before, and the other way round. */
export function changesBetween(before: TrustRoot | undefined, after: TrustRoot) {
  const [old, now] = [before === undefined ? [] : entriesOf(before), entriesOf(after)];
  const notIn = (others: readonly Entry[]) => {
    const lines = new Set(others.map(lineOf));
    return (entry: Entry) => !lines.has(lineOf(entry));
  };
  return { added: now.filter(notIn(old)), removed: old.filter(notIn(now)) };
}

/** The same for people, a line for each. */
export function describeChanges(before: TrustRoot | undefined, after: TrustRoot): readonly string[] {
  const { added, removed } = changesBetween(before, after);
  return [...added.map((entry) => `+ ${lineOf(entry)}`), ...removed.map((entry) => `- ${lineOf(entry)}`)];
}

function lineOf({ kind, uri, id, from, until }: Entry): string {
  return `${kind} ${shown(uri)} ${id}, from ${from ?? 'the beginning'} until ${until ?? 'further notice'}`;
}

/** Whoever makes a trust root writes addresses and names as he likes. */
function shown(text: string): string {
  return plainText(text, LONGEST_TEXT);
}

function entriesOf(root: TrustRoot): readonly Entry[] {
  return [
    ...root.certificateAuthorities.map((one) => authorityEntry('certificate authority', one)),
    ...root.certificateLogs.map((one) => logEntry('certificate log', one)),
    ...root.logs.map((one) => logEntry('transparency log', one)),
    ...root.timestampAuthorities.map((one) => authorityEntry('timestamp authority', one)),
  ];
}

function authorityEntry(kind: Entry['kind'], { uri, chain, window }: TrustedAuthority): Entry {
  const certificates = chain.map(({ der }) => new X509Certificate(Buffer.from(der)));
  const until = Math.min(window.until, ...chain.map(({ notAfter }) => notAfter));
  return {
    kind,
    id: `sha256:${(certificates[0]?.fingerprint256 ?? '').replaceAll(':', '').toLowerCase()}`,
    uri,
    subjects: certificates.map(({ subject }) => subject.replaceAll('\n', ', ')),
    ...times({ from: window.from, until }),
  };
}

function logEntry(kind: Entry['kind'], { id, baseUrl, window }: TrustedLog): Entry {
  return { kind, id, uri: baseUrl, subjects: [], ...times(window) };
}

function times({ from, until }: ValidityWindow): Pick<Entry, 'from' | 'until'> {
  return { from: moment(from === 0 ? undefined : from), until: moment(until) };
}

/** A moment as text; `undefined` for what never comes. */
function moment(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined || Math.abs(milliseconds) > LAST_MOMENT) return undefined;
  return new Date(milliseconds).toISOString();
}

/** The last one that a Date can hold (ECMA-262 §21.4.1.1). */
const LAST_MOMENT = 8.64e15;

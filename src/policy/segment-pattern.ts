// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import type { TextTest } from './compiled-policy.ts';
import { matchesGlob, matchesSegments } from './glob.ts';
import { invalidText } from './issue.ts';

const EVERY_SEGMENT = '**';
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
/** What a wildcard in a host takes: nothing that ends a label, a host or the part before it. */
const LABEL = /^[a-z0-9_-]+$/;

/**
 * The test of a text in which `*` stands for characters inside a segment and `**` for one or more whole segments.
 * Segments end at `/` and at `@`, and neither is ever taken by a wildcard. Where the pattern is one of URIs, with `://`, hosts
 * are compared label by label. Everything else stands for itself, case and all; a pattern with wildcards matches nothing that has a segment
 * `.` or `..`.
 *
 * @throws CountersignError POLICY_INVALID
 */
export function parseSegmentPattern(text: string): TextTest {
  checkText(text);
  if (!text.includes('*')) return { text, matches: (value) => value === text };
  return { text, matches: text.includes('://') ? uriTest(text) : pathsTest(text) };
}

/** What every pattern and exact text of an identity is held to; throws CountersignError POLICY_INVALID. */
export function checkText(text: string): void {
  if (text === '') throw invalidText('empty');
  if (text.length > LIMITS.identityPatternLength) {
    throw invalidText(`longer than ${LIMITS.identityPatternLength} characters`);
  }
  if (/\p{Cc}/u.test(text)) throw invalidText('control characters are not allowed');
  if (text.trim() !== text) throw invalidText('spaces at an end');
}

/** The test of a name in labels between dots, such as a host: `*` stays inside one of them. */
export function labelsTest(pattern: string): (name: string) => boolean {
  if (pattern.includes(EVERY_SEGMENT)) {
    throw invalidText(
      `${quote(pattern)}: ** stands for segments between slashes; here * stands for one label`,
    );
  }
  const wanted = pattern.split('.');
  return (name) => {
    const labels = name.split('.');
    return (
      labels.length === wanted.length &&
      wanted.every((label, index) => matchesLabel(label, labels[index] ?? ''))
    );
  };
}

function matchesLabel(pattern: string, label: string): boolean {
  return pattern === label || (pattern.includes('*') && LABEL.test(label) && matchesGlob(pattern, label));
}

/** The test of one part without `@`: segments between slashes. What is empty between two of them stands for itself. */
export function segmentsTest(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const wanted = pattern.split('/');
  for (const segment of wanted) checkSegment(segment);
  const wantedRuns = runsOf(wanted);
  return (text) => {
    const segments = text.split('/');
    const runs = runsOf(segments);
    return (
      !segments.some(isDots) &&
      runs.length === wantedRuns.length &&
      wantedRuns.every((run, index) => matchesSegments(run, runs[index] ?? []))
    );
  };
}

/** The segments between empty ones: compared one by one, so that no wildcard takes an empty segment. */
function runsOf(segments: readonly string[]): readonly (readonly string[])[] {
  const runs: string[][] = [[]];
  for (const segment of segments) {
    if (segment === '') runs.push([]);
    else runs.at(-1)?.push(segment);
  }
  return runs;
}

/** Who writes these counts on a reader that takes the text apart again. */
function isDots(segment: string): boolean {
  return segment === '.' || segment === '..';
}

function checkSegment(segment: string): void {
  if (isDots(segment)) throw invalidText(`a pattern with * has no segment ${quote(segment)}`);
  if (segment !== EVERY_SEGMENT && segment.includes(EVERY_SEGMENT)) {
    throw invalidText(`** must be a whole segment: ${quote(segment)}`);
  }
}

/** Parts between `@` are compared one by one, so that no wildcard takes one. */
function pathsTest(pattern: string): (text: string) => boolean {
  return partsTest(pattern.split('@').map(segmentsTest));
}

function partsTest(tests: readonly ((part: string) => boolean)[]): (text: string) => boolean {
  return (text) => {
    const parts = text.split('@');
    return parts.length === tests.length && tests.every((test, index) => test(parts[index] ?? ''));
  };
}

function uriTest(pattern: string): (uri: string) => boolean {
  const at = pattern.indexOf('://');
  const scheme = pattern.slice(0, at);
  if (!SCHEME.test(scheme)) {
    throw invalidText(`${quote(scheme)} is no scheme: write one such as https, without wildcards`);
  }
  const start = `${scheme}://`;
  const [first = '', ...others] = pattern.slice(start.length).split('@');
  const test = partsTest([placeTest(first, others.length > 0), ...others.map(segmentsTest)]);
  return (uri) => uri.startsWith(start) && test(uri.slice(start.length));
}

/** The test of host and path. */
function placeTest(pattern: string, isBeforeAt: boolean): (place: string) => boolean {
  const wanted = splitAtSlash(pattern);
  if (wanted.path === undefined && isBeforeAt) {
    throw invalidText('a pattern with * has no user name before a host');
  }
  const [host = '', port] = splitPort(wanted.host);
  if (port.includes('*')) throw invalidText('the port of a pattern has no wildcards');
  const matchesHost = labelsTest(host);
  const matchesPath = segmentsTest(wanted.path ?? '');
  return (place) => {
    const found = splitAtSlash(place);
    const [foundHost, foundPort] = splitPort(found.host);
    return (
      foundPort === port &&
      matchesHost(foundHost) &&
      (found.path === undefined) === (wanted.path === undefined) &&
      matchesPath(found.path ?? '')
    );
  };
}

function splitAtSlash(text: string): { host: string; path: string | undefined } {
  const slash = text.indexOf('/');
  return slash === -1
    ? { host: text, path: undefined }
    : { host: text.slice(0, slash), path: text.slice(slash + 1) };
}

function splitPort(host: string): readonly [host: string, port: string] {
  const colon = host.indexOf(':');
  return colon === -1 ? [host, ''] : [host.slice(0, colon), host.slice(colon)];
}

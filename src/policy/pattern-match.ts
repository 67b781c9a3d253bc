// SPDX-License-Identifier: Apache-2.0
import type { ImageReference } from '../image/reference.ts';
import { coversGlob, coversSegments, matchesGlob, matchesSegments } from './glob.ts';
import type { HostPattern, ImagePattern } from './pattern.ts';

/** A reference taken apart once, to be held against many patterns. */
export type Subject = { readonly reference: ImageReference; readonly segments: readonly string[] };

/**
 * - `no`: the pattern does not match
 * - `yes`: it does
 * - `claimed`: it names a tag, and the reference has a tag that fits beside a digest that nobody has yet
 *   compared with it. It matches only if *resolve* confirms that the tag gives the digest.
 */
export type PatternMatch = 'no' | 'yes' | 'claimed';

/** The reference, ready for {@link matchPattern}. */
export function subjectOf(reference: ImageReference): Subject {
  return { reference, segments: reference.repository.split('/') };
}

/**
 * Whether the pattern matches: whole strings, by segment, on the canonical reference. A pattern
 * that names a tag never matches a bare digest: which tag the author had in mind cannot be known.
 */
export function matchPattern(pattern: ImagePattern, subject: Subject): PatternMatch {
  const { reference, segments } = subject;
  if (!matchesRegistry(pattern.registry, reference.registry)) return 'no';
  if (pattern.segments !== undefined && !matchesSegments(pattern.segments, segments)) return 'no';
  if (pattern.digest !== undefined && pattern.digest !== reference.digest) return 'no';
  if (pattern.tag === undefined) return 'yes';
  if (reference.tag === undefined || !matchesGlob(pattern.tag, reference.tag)) return 'no';
  return reference.digest === undefined ? 'yes' : 'claimed';
}

/** The best of the answers of several patterns: one plain match needs no confirmation. */
export function matchPatterns(patterns: readonly ImagePattern[], subject: Subject): PatternMatch {
  let best: PatternMatch = 'no';
  for (const pattern of patterns) {
    const answer = matchPattern(pattern, subject);
    if (answer === 'yes') return answer;
    if (answer === 'claimed') best = answer;
  }
  return best;
}

/** Whether the one matches whatever the other does. May say no where it is so, never yes where it is not. */
export function coversPattern(wide: ImagePattern, narrow: ImagePattern): boolean {
  return (
    coversRepository(wide, narrow) &&
    (wide.digest === undefined || wide.digest === narrow.digest) &&
    (wide.tag === undefined || (narrow.tag !== undefined && coversGlob(wide.tag, narrow.tag)))
  );
}

/** As {@link coversPattern}, tags and digests left aside. */
export function coversRepository(wide: ImagePattern, narrow: ImagePattern): boolean {
  if (wide.registry === undefined || wide.segments === undefined) return true;
  if (narrow.registry === undefined || narrow.segments === undefined) return false;
  return coversRegistry(wide.registry, narrow.registry) && coversSegments(wide.segments, narrow.segments);
}

function matchesRegistry(pattern: string | HostPattern | undefined, registry: string): boolean {
  if (pattern === undefined || typeof pattern === 'string')
    return pattern === undefined || pattern === registry;
  // An IPv6 address has no labels.
  if (registry.startsWith('[')) return false;
  const [host = '', port] = registry.split(':');
  return port === pattern.port && matchesLabels(pattern.labels, host.split('.'));
}

function matchesLabels(pattern: readonly string[], labels: readonly string[]): boolean {
  return (
    pattern.length === labels.length &&
    pattern.every((label, index) => matchesGlob(label, labels[index] ?? ''))
  );
}

function coversRegistry(wide: string | HostPattern, narrow: string | HostPattern): boolean {
  if (typeof narrow === 'string') return matchesRegistry(wide, narrow);
  if (typeof wide === 'string') return false;
  return wide.port === narrow.port && matchesLabels(wide.labels, narrow.labels);
}

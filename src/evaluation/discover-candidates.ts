// SPDX-License-Identifier: Apache-2.0
import type { Discovery, Facts, Place } from '../discover/index.ts';
import { type PinnedImage, pinImage } from '../image/index.ts';
import type { RuleMatch, SignaturePlace } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { Case } from './case.ts';

/** An image to verify, and what is known of its signatures where a rule looks for them. */
export type Known = { readonly image: PinnedImage; readonly discovery: Discovery };

/**
 * The candidates for each rule that is still open, in the order of the rules, from both stores of the place where
 * the rule looks: mostly one place for all. At once where all is remembered.
 */
export function discoverCandidates(
  before: Case,
  facts: Facts,
  exchange: Exchange,
  maxAgeMs?: number,
): readonly Known[] | Promise<readonly Known[]> {
  const { open, pinned } = before;
  if (pinned === undefined || open.length === 0) return [];
  if (open.some(isElsewhere)) return discoverApart(open, pinned, facts, exchange, maxAgeMs);
  const found = facts.discover(pinned, exchange, maxAgeMs);
  return found instanceof Promise
    ? found.then((discovery) => forAll(open, { image: pinned, discovery }))
    : forAll(open, { image: pinned, discovery: found });
}

function forAll(open: readonly RuleMatch[], known: Known): readonly Known[] {
  return open.map(() => known);
}

function isElsewhere({ rule }: RuleMatch): boolean {
  return rule.signatures !== undefined;
}

/** Side by side; rules that look in the same place share what is asked there. */
function discoverApart(
  open: readonly RuleMatch[],
  pinned: PinnedImage,
  facts: Facts,
  exchange: Exchange,
  maxAgeMs: number | undefined,
): Promise<readonly Known[]> {
  return Promise.all(
    open.map(async ({ rule }) => {
      const place = placeOf(pinned, rule.signatures);
      return { image: pinned, discovery: await facts.discover(place, exchange, maxAgeMs) };
    }),
  );
}

function placeOf(image: PinnedImage, signatures: SignaturePlace | undefined): Place {
  if (signatures === undefined) return image;
  const { repository, tagPrefix } = signatures;
  const place = repository === undefined ? image : pinImage(repository, image.digest);
  return tagPrefix === '' ? place : { ...place, tagPrefix };
}

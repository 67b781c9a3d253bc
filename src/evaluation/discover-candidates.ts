// SPDX-License-Identifier: Apache-2.0
import type { Discovery, Facts } from '../discover/index.ts';
import type { PinnedImage } from '../image/index.ts';
import type { RuleMatch } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { Case } from './case.ts';
import { discoverApart } from './discover-apart.ts';
import type { Known } from './known.ts';

/**
 * What is known for each rule that is still open, in the order of the rules: from both stores of the place where the
 * rule looks, mostly one for all. At once where all is remembered.
 */
export function discoverCandidates(
  before: Case,
  facts: Facts,
  exchange: Exchange,
  maxAgeMs?: number,
): readonly Known[] | Promise<readonly Known[]> {
  const { open, pinned } = before;
  if (pinned === undefined || open.length === 0) return [];
  // One want for all rules, so that nothing is asked twice.
  const attestations = open.some(({ rule }) => rule.attestations !== undefined);
  if (open.some(isSpecial)) return discoverApart(open, pinned, attestations, facts, exchange, maxAgeMs);
  const place = attestations ? { ...pinned, attestations } : pinned;
  const found = facts.discover(place, exchange, maxAgeMs);
  return found instanceof Promise
    ? found.then((discovery) => forAll(open, pinned, discovery))
    : forAll(open, pinned, found);
}

function isSpecial({ rule }: RuleMatch): boolean {
  return rule.signatures !== undefined || rule.everyPlatform;
}

function forAll(open: readonly RuleMatch[], image: PinnedImage, discovery: Discovery): readonly Known[] {
  const known: Known = { kind: 'image', parts: [{ image, discovery }] };
  return open.map(() => known);
}

// SPDX-License-Identifier: Apache-2.0

import { createHolds, type Discovery, type Facts, type Place } from '../discover/index.ts';
import { type PinnedImage, pinImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { RuleMatch, SignaturePlace } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import { createSlots } from '../sharing/index.ts';
import type { Known, Part } from './known.ts';

/** Asks for the signatures of one image where one rule looks for them. */
type Ask = (image: PinnedImage, signatures: SignaturePlace | undefined) => Promise<Discovery>;

/**
 * What is known for each rule where one of them looks elsewhere, or at every image of an index. Rules that look in one
 * place share what is asked there, attestations where any rule wants them. What was found of one image is held while the others are looked for, so it counts.
 */
export async function discoverApart(
  open: readonly RuleMatch[],
  pinned: PinnedImage,
  attestations: boolean,
  facts: Facts,
  exchange: Exchange,
  maxAgeMs: number | undefined,
): Promise<readonly Known[]> {
  const holds = createHolds(exchange);
  const slots = createSlots(LIMITS.platformsAtOnce);
  const ask: Ask = (image, signatures) =>
    slots(async () => {
      const place = placeOf(image, signatures);
      const wanted = attestations ? { ...place, attestations } : place;
      const found = await facts.discover(wanted, exchange, maxAgeMs);
      holds.add(found.candidates);
      if (found.attestations !== undefined) holds.add(found.attestations.candidates);
      return found;
    });
  try {
    return await Promise.all(
      open.map(({ rule }) =>
        rule.everyPlatform
          ? knownOfEach(pinned, rule.signatures, facts, exchange, ask)
          : knownOf(pinned, rule.signatures, ask),
      ),
    );
  } finally {
    holds.end();
  }
}

async function knownOf(image: PinnedImage, signatures: SignaturePlace | undefined, ask: Ask): Promise<Known> {
  return { kind: 'image', parts: [{ image, discovery: await ask(image, signatures) }] };
}

async function knownOfEach(
  pinned: PinnedImage,
  signatures: SignaturePlace | undefined,
  facts: Facts,
  exchange: Exchange,
  ask: Ask,
): Promise<Known> {
  try {
    const { children } = await facts.platforms(pinned, exchange);
    if (children === undefined) return await knownOf(pinned, signatures, ask);
    const parts = children.map(async ({ digest, platform }): Promise<Part> => {
      const image = pinImage(pinned, digest);
      return { image, platform, discovery: await ask(image, signatures) };
    });
    return { kind: 'index', parts: await Promise.all(parts) };
  } catch (error) {
    return { kind: 'unknown', parts: [], error };
  }
}

function placeOf(image: PinnedImage, signatures: SignaturePlace | undefined): Place {
  if (signatures === undefined) return image;
  const { repository, tagPrefix } = signatures;
  const place = repository === undefined ? image : pinImage(repository, image.digest);
  return tagPrefix === '' ? place : { ...place, tagPrefix };
}

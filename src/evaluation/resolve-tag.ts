// SPDX-License-Identifier: Apache-2.0
import type { Facts } from '../discover/index.ts';
import { asCountersignError, type CountersignError } from '../errors.ts';
import { type Digest, type ImageReference, pinImage } from '../image/index.ts';
import type { Exchange } from '../registry/index.ts';
import { type Case, settle } from './case.ts';
import type { Question } from './question.ts';
import { findAfterResolve, findingOf } from './rule-findings.ts';

/** What a tag gives, or why that is not known. */
export type Resolution = { readonly tagDigest?: Digest; readonly error?: CountersignError };

/**
 * Image reference → pinned image. A digest in the reference is what will run, so it is what is verified; the
 * tag is asked for only where there is no digest, or where a rule that names the tag must have it confirmed.
 */
export async function resolveTag(
  before: Case,
  question: Question,
  facts: Facts,
  exchange: Exchange,
): Promise<Case> {
  if (before.open.length === 0) return before;
  const { reference } = before;
  const isAsked = reference.digest === undefined || before.open.some((rule) => rule.confirmTag);
  const resolution = isAsked ? await askForTag(reference, facts, exchange) : {};
  const { tagDigest } = resolution;
  const pinned = before.pinned ?? (tagDigest && pinImage(reference, tagDigest));
  return settle({ ...before, ...(pinned && { pinned }) }, (rule) => {
    const finding = findAfterResolve(rule, reference, resolution, question);
    return finding && findingOf(rule, finding);
  });
}

/** The digest of the reference's tag. A bare digest has no tag, and so none that could be confirmed. */
export async function askForTag(
  reference: ImageReference,
  facts: Facts,
  exchange: Exchange,
): Promise<Resolution> {
  if (reference.tag === undefined) return {};
  try {
    return { tagDigest: await facts.resolve(reference, reference.tag, exchange) };
  } catch (error) {
    return { error: asCountersignError(error) };
  }
}

// SPDX-License-Identifier: Apache-2.0
import type { Facts } from '../discover/index.ts';
import { pinImage } from '../image/index.ts';
import type { Exchange } from '../registry/index.ts';
import { askForTag } from './ask-for-tag.ts';
import { type Case, settle } from './case.ts';
import type { Question } from './question.ts';
import { findAfterResolve, findingOf } from './rule-findings.ts';

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

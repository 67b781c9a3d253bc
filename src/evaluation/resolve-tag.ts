// SPDX-License-Identifier: Apache-2.0
import type { Facts } from '../discover/index.ts';
import { pinImage } from '../image/index.ts';
import type { Exchange } from '../registry/index.ts';
import { askForTag, type Resolution } from './ask-for-tag.ts';
import { type Case, settle } from './case.ts';
import type { Question } from './question.ts';
import { findAfterResolve } from './rule-findings.ts';

/**
 * Image reference → pinned image. A digest in the reference is what will run, so it is what is verified; the
 * tag is asked for only where there is no digest, or where a rule that names the tag must have it confirmed.
 */
export function resolveTag(
  before: Case,
  question: Question,
  now: number,
  facts: Facts,
  exchange: Exchange,
): Case | Promise<Case> {
  if (before.open.length === 0) return before;
  const { reference } = before;
  const isAsked = reference.digest === undefined || before.open.some((rule) => rule.confirmTag);
  if (!isAsked) return resolved(before, question, now, {});
  return askForTag(reference, question, facts, exchange).then((answer) =>
    resolved(before, question, now, answer),
  );
}

function resolved(before: Case, question: Question, now: number, resolution: Resolution): Case {
  const { tag } = resolution;
  const pinned = before.pinned ?? (tag && pinImage(before.reference, tag.digest));
  const known = { ...(pinned && { pinned }), ...(tag && { tag }) };
  return settle(pinned === undefined ? before : { ...before, ...known }, (rule) =>
    findAfterResolve(rule, before.reference, resolution, question, now),
  );
}

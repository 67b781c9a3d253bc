// SPDX-License-Identifier: Apache-2.0
import { type Digest, parseImageReference } from '../image/index.ts';
import { match, type RuleMatch, strictestMode } from '../policy/index.ts';
import { askForTag } from './ask-for-tag.ts';
import { bringCredentials } from './bring-credentials.ts';
import type { Deps, Question } from './question.ts';
import { rulesOf, wantsPin } from './rule-findings.ts';
import type { Watch } from './watch.ts';

/**
 * What /mutate writes in place of an image: what was written, with its tag (`latest` where none was written) and
 * the digest that the tag gives now; `undefined` where it stays as it is (a digest is there, no rule pins, `tags: forbid`).
 *
 * @throws CountersignError whatever keeps the tag from being resolved; /validate will find the same and say so
 */
export async function pinOf(
  image: string,
  question: Question,
  deps: Deps,
  watch: Watch,
): Promise<string | undefined> {
  const reference = parseImageReference(image);
  if (reference.digest !== undefined) return undefined;
  const matched = watch.stage('match', () => match(deps.policies, reference, question.scope));
  const rules = rulesOf(matched, question);
  const wanting = rules.filter((rule) => wantsPin(rule, question.subject));
  if (wanting.length === 0 || rules.some((rule) => forbids(rule, wanting))) return undefined;
  if (question.bring !== undefined) await bringCredentials(question.bring, watch);
  const { tag, error } = await watch.stage('resolve', () =>
    askForTag(reference, question, deps.facts, watch.exchange),
  );
  if (error !== undefined) throw error;
  return tag && withDigest(image, tag.digest);
}

/**
 * `tags: forbid` leaves the image as it was written, so that it is denied, unless a stricter document needs the
 * pin: what one document only reports must not make another one deny.
 */
function forbids({ rule, mode }: RuleMatch, wanting: readonly RuleMatch[]): boolean {
  return rule.forbidTags && strictestMode([mode, ...wanting.map((one) => one.mode)]) === mode;
}

/** The rest stays as it was written: pull secrets are looked up by it. */
function withDigest(image: string, digest: Digest): string {
  const hasTag = image.lastIndexOf(':') > image.lastIndexOf('/');
  return `${image}${hasTag ? '' : ':latest'}@${digest}`;
}

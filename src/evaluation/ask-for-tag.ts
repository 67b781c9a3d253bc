// SPDX-License-Identifier: Apache-2.0
import type { Facts, TagAnswer } from '../discover/index.ts';
import { asCountersignError, type CountersignError } from '../errors.ts';
import type { ImageReference } from '../image/index.ts';
import type { Exchange } from '../registry/index.ts';
import type { Question } from './question.ts';

/** What a tag gives, or why that is not known. */
export type Resolution = { readonly tag?: TagAnswer; readonly error?: CountersignError };

/** The digest of the reference's tag: what it gave the parent, else what it gives now. A bare digest has no tag, and so none that could be confirmed. */
export async function askForTag(
  reference: ImageReference,
  { family }: Question,
  facts: Facts,
  exchange: Exchange,
): Promise<Resolution> {
  if (reference.tag === undefined) return {};
  const known = family?.recall(reference);
  if (known !== undefined) return { tag: known };
  try {
    return { tag: await facts.resolve(reference, reference.tag, exchange) };
  } catch (error) {
    return { error: asCountersignError(error) };
  }
}

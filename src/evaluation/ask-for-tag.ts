// SPDX-License-Identifier: Apache-2.0
import type { Facts } from '../discover/index.ts';
import { asCountersignError, type CountersignError } from '../errors.ts';
import type { Digest, ImageReference } from '../image/index.ts';
import type { Exchange } from '../registry/index.ts';

/** What a tag gives, or why that is not known. */
export type Resolution = { readonly tagDigest?: Digest; readonly error?: CountersignError };

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

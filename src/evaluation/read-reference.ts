// SPDX-License-Identifier: Apache-2.0
import { type ImageReference, parseImageReference } from '../image/index.ts';
import { LIMITS } from '../limits.ts';

const KNOWN = new Map<string, ImageReference>();

/**
 * The image reference in a text; what was read before is not read again. The same text gives the same reference,
 * whoever asks, so nothing depends on what is known. Only what parses is kept, and all is forgotten at the bound.
 *
 * @throws CountersignError REFERENCE_INVALID, DIGEST_INVALID
 */
export function readReference(text: string): ImageReference {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  const reference = Object.freeze(parseImageReference(text));
  if (KNOWN.size >= LIMITS.knownReferences) KNOWN.clear();
  KNOWN.set(text, reference);
  return reference;
}

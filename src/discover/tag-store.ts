// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { digestTag } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Place, StoreAnswer } from './discovery.ts';
import { allRead, readManifest, readSignatureLayers, type Source } from './legacy-signatures.ts';

/**
 * Reads the signatures under cosign's tag `sha256-<hex>.sig`, with the prefix of the place before it: one manifest, one layer per signature.
 *
 * @throws CountersignError LIMIT_EXCEEDED for more layers than {@link LIMITS}.signatureLayers, and the
 *   registry's codes; a repository without the tag is an empty answer
 */
export async function readTagStore(place: Place, source: Source): Promise<StoreAnswer> {
  const tag = `${place.tagPrefix ?? ''}${digestTag(place.digest)}.sig`;
  const found = await readManifest({ tag }, LIMITS.manifestBytes, source);
  if (found === undefined) return { candidates: [], answered: false, unsupported: false, complete: true };

  const { layers, manifests } = found;
  if (manifests.length > 0) {
    throw new CountersignError(
      'RESPONSE_MALFORMED',
      `the tag ${tag} holds an index, wanted a signature manifest`,
    );
  }
  if (layers.length > LIMITS.signatureLayers) {
    throw new CountersignError(
      'LIMIT_EXCEEDED',
      `the tag ${tag} lists ${layers.length} signatures, at most ${LIMITS.signatureLayers} are read`,
    );
  }
  const candidates = await readSignatureLayers(layers, 'tag', tag, source);
  return { candidates, answered: true, unsupported: false, complete: allRead(candidates) };
}

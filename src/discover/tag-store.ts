// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { digestTag } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Place, StoreAnswer } from './discovery.ts';
import { readLayers } from './layers.ts';
import { readManifest, type Source } from './source.ts';
import { allRead } from './unreadable.ts';

const NOTHING = { candidates: [], attestations: [] } as const;

/**
 * Reads the signatures under cosign's tag `sha256-<hex>.sig`, or, where the place says so, the attestations under `sha256-<hex>.att`,
 * with the prefix of the place before it: one manifest, one layer for each.
 *
 * @throws CountersignError LIMIT_EXCEEDED for more layers than {@link LIMITS}.signatureLayers, and the
 *   registry's codes; a repository without the tag is an empty answer
 */
export async function readTagStore(place: Place, source: Source): Promise<StoreAnswer> {
  const tag = `${place.tagPrefix ?? ''}${digestTag(place.digest)}.${place.attestations ? 'att' : 'sig'}`;
  const manifest = await readManifest({ tag }, LIMITS.manifestBytes, source);
  if (manifest === undefined) return { ...NOTHING, answered: false, unsupported: false, complete: true };

  const { layers, manifests } = manifest;
  if (manifests.length > 0) {
    throw new CountersignError('RESPONSE_MALFORMED', `the tag ${tag} holds an index, wanted a manifest`);
  }
  if (layers.length > LIMITS.signatureLayers) {
    throw new CountersignError(
      'LIMIT_EXCEEDED',
      `the tag ${tag} lists ${layers.length} signatures, at most ${LIMITS.signatureLayers} are read`,
    );
  }
  const kind = place.attestations ? 'envelope' : 'simple-signing';
  const found = await readLayers(layers, kind, 'tag', tag, source);
  const lists = place.attestations ? { ...NOTHING, attestations: found } : { ...NOTHING, candidates: found };
  return { ...lists, answered: true, unsupported: false, complete: allRead(found) };
}

// SPDX-License-Identifier: Apache-2.0
import type { Digest } from './digest.ts';
import { formatRepository, type Repository } from './reference.ts';

declare const pinned: unique symbol;

/**
 * A repository and a digest, and no tag: what cannot move. From *discover* on nothing else is accepted;
 * only {@link pinImage} makes one.
 */
export type PinnedImage = Repository & { readonly digest: Digest; readonly [pinned]: true };

/** The image of the repository that has this digest. */
export function pinImage(repository: Repository, digest: Digest): PinnedImage {
  const image = { registry: repository.registry, repository: repository.repository, digest };
  return Object.freeze(image) as PinnedImage;
}

/** The canonical text: `docker.io/library/nginx@sha256:…`. */
export function formatPinnedImage(image: PinnedImage): string {
  return `${formatRepository(image)}@${image.digest}`;
}

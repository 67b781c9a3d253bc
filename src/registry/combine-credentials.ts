// SPDX-License-Identifier: Apache-2.0
import type { Repository } from '../image/reference.ts';
import type { Credentials } from './credential.ts';
import type { DockerCredentials } from './docker-config.ts';

/**
 * Several sets as one, as a kubelet tries the pull secrets of a Pod: what fits a repository best comes first, and
 * among those that fit alike it is the order of the sets.
 */
export function combineCredentials(sets: readonly DockerCredentials[]): Credentials {
  return {
    find: (repository: Repository) =>
      sets
        .flatMap((set) => set.scoped(repository))
        .sort((a, b) => b.segments - a.segments)
        .map(({ credential }) => credential),
    warnings: sets.flatMap(({ warnings }) => warnings),
  };
}

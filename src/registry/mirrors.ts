// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/config.ts';
import type { Mirror } from '../config/mirror.ts';
import type { Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import { askInTurn, mayLast, type Places, type Question } from './ask-in-turn.ts';
import type { Registry } from './registry.ts';

/**
 * The registry with the mirrors of the Config before it. What is asked for by digest is asked of the mirror first, and of the origin
 * where the mirror does not have it, or failed. That is sound whatever the mirror says, since the bytes are compared with the digest.
 *
 * What can change (what a tag gives, what refers to a digest) is asked of the origin alone; of the mirror first where
 * the Config says `unsafeMirrorTags`. There too only the origin says that there is nothing: a mirror without a signature may not have
 * looked for it yet.
 *
 * A mirror that could not be asked is asked after the origin for `restMs`, so that one that is down does not cost each request its time.
 */
export function withMirrors(
  registry: Registry,
  { registries }: Pick<Config, 'registries'>,
  restMs: number = LIMITS.mirrorRestMs,
): Registry {
  const rested = new Map<string, number>();

  function placesOf(repository: Repository, isMutable: boolean): Places {
    const { mirror, unsafeMirrorTags } = registries.get(repository.registry) ?? {};
    if (mirror === undefined || (isMutable && unsafeMirrorTags !== true)) return { origin: repository };
    return {
      origin: repository,
      mirror: onMirror(mirror, repository),
      isRested: (rested.get(mirror.registry) ?? 0) > performance.now(),
      onMirror(failure) {
        if (failure === undefined) rested.delete(mirror.registry);
        else if (mayLast(failure)) rested.set(mirror.registry, performance.now() + restMs);
      },
    };
  }
  const byDigest = <T>(repository: Repository, question: Question<T>) =>
    askInTurn(placesOf(repository, false), question);
  const byName = <T>(repository: Repository, question: Question<T>) =>
    askInTurn(placesOf(repository, true), question);

  return {
    ...registry,
    resolveTag: (repository, tag, exchange) =>
      byName(repository, {
        exchange,
        ask: (at, within) => registry.resolveTag(at, tag, within),
        isFound: () => true,
      }),
    manifest: (repository, reference, exchange, reading) =>
      (typeof reference === 'string' ? byDigest : byName)(repository, {
        exchange,
        ask: (at, within) => registry.manifest(at, reference, within, reading),
        isFound: (manifest) => manifest !== undefined,
      }),
    blob: (repository, descriptor, limit, exchange) =>
      byDigest(repository, {
        exchange,
        ask: (at, within) => registry.blob(at, descriptor, limit, within),
        isFound: () => true,
      }),
    referrers: (repository, digest, exchange, reading) =>
      byName(repository, {
        exchange,
        ask: (at, within) => registry.referrers(at, digest, within, reading),
        isFound: (list) => typeof list !== 'string' && list.length > 0,
      }),
    ready(repository, exchange) {
      const { mirror } = placesOf(repository, false);
      const here = registry.ready(repository, exchange);
      const there = mirror === undefined ? undefined : registry.ready(mirror, exchange);
      if (here === undefined || there === undefined) return here ?? there;
      return Promise.all([here, there]).then(() => {});
    },
    credentialId(repository, exchange) {
      const here = registry.credentialId(repository, exchange);
      const { mirror } = placesOf(repository, false);
      const there = mirror === undefined ? '' : registry.credentialId(mirror, exchange);
      return there === '' ? here : `${here} ${there}`;
    },
  };
}

function onMirror({ registry, path }: Mirror, { repository }: Repository): Repository {
  return { registry, repository: path === '' ? repository : `${path}/${repository}` };
}

// SPDX-License-Identifier: Apache-2.0
import type { Repository } from '../image/reference.ts';
import type { Credential, Credentials } from './credential.ts';
import type { DockerCredentials, HelperNames, ScopedCredential } from './docker-config.ts';
import type { HelperAnswers, HelperQuery } from './helper-answers.ts';

/** What `docker login` writes for Docker Hub, and what others write. */
const HUB_ADDRESSES = ['https://index.docker.io/v1/', 'docker.io'];

/**
 * The credentials of a `config.json` together with those of the helper programs that it names, as docker takes them:
 * a helper for the host alone; else `auths`, and the store before what stands there for the whole host.
 */
export function withHelpers(
  config: DockerCredentials & { readonly helpers: HelperNames },
  answers: HelperAnswers,
): Credentials {
  const { store, hosts } = config.helpers;
  if (store === '' && hosts.size === 0) return config;

  function queryFor({ registry }: Repository): HelperQuery | undefined {
    const helper = hosts.get(registry) ?? store;
    if (helper === '') return undefined;
    return { helper, addresses: registry === 'docker.io' ? HUB_ADDRESSES : [registry] };
  }

  return {
    find(repository) {
      const query = queryFor(repository);
      const written = config.scoped(repository);
      if (query === undefined) return written.map(({ credential }) => credential);
      const answer = answers.recall(query);
      const found = answer === undefined ? [] : [answer];
      return hosts.has(repository.registry) ? found : inOrder(written, found);
    },
    ready(repository, asker) {
      const query = queryFor(repository);
      return query && answers.ready(query, asker);
    },
    async renew(repository, asker) {
      const query = queryFor(repository);
      return query !== undefined && answers.renew(query, asker);
    },
    get warnings() {
      return [...config.warnings, ...answers.warnings];
    },
  };
}

function inOrder(written: readonly ScopedCredential[], found: readonly Credential[]): readonly Credential[] {
  const credentialsOf = (ones: readonly ScopedCredential[]) => ones.map(({ credential }) => credential);
  const forPart = written.filter(({ segments }) => segments > 1);
  const forHost = written.filter(({ segments }) => segments === 1);
  return [...credentialsOf(forPart), ...found, ...credentialsOf(forHost)];
}

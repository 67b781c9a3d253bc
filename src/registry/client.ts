// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/config.ts';
import { CountersignError } from '../errors.ts';
import { isTag } from '../image/reference.ts';
import { createAsking } from './ask.ts';
import { type Credentials, credentialsFor, idOf } from './credential.ts';
import { listReferrers } from './list-referrers.ts';
import { listTags } from './list-tags.ts';
import { withMirrors } from './mirrors.ts';
import { createProxies, type ProxySettings } from './proxies.ts';
import { createReach } from './reach.ts';
import { readBlob } from './read-blob.ts';
import { readManifest, resolveTag } from './read-manifest.ts';
import type { Registry } from './registry.ts';
import { createTransport, type TransportOptions } from './transport.ts';

/** How a client is made. */
export type RegistryOptions = {
  readonly config: Config;
  readonly credentials: Credentials;
  /** For the command line: a registry that is literally on loopback may be asked, by plain HTTP. */
  readonly allowLoopback: boolean;
  /** Default: none. The environment is not looked at. */
  readonly proxies?: ProxySettings;
  /** What tests replace. */
  readonly transport?: TransportOptions;
};

/**
 * A client for all registries; see {@link Registry}.
 *
 * @throws PROXY_INVALID
 *
 * @example
 * const registry = createRegistry({ config: DEFAULT_CONFIG, credentials: NO_CREDENTIALS, allowLoopback: false });
 * const exchange = { signal: AbortSignal.timeout(10_000), deadline: performance.now() + 10_000 };
 * const digest = await registry.resolveTag({ registry: 'ghcr.io', repository: 'acme/web' }, '1.4', exchange);
 */
export function createRegistry(options: RegistryOptions): Registry {
  const { config, credentials, allowLoopback } = options;
  const reach = createReach(config, allowLoopback);
  const transport = createTransport(reach, createProxies(options.proxies ?? {}), options.transport);
  const ask = createAsking({ reach, transport, credentials });

  const registry: Registry = {
    async resolveTag(repository, tag, exchange) {
      checkTag(tag);
      return resolveTag(ask, repository, tag, exchange);
    },
    async manifest(repository, reference, exchange, reading) {
      if (typeof reference !== 'string') checkTag(reference.tag);
      return readManifest(ask, repository, reference, exchange, reading);
    },
    blob: (repository, descriptor, limit, exchange) => readBlob(ask, repository, descriptor, limit, exchange),
    referrers: (repository, digest, exchange, reading) =>
      listReferrers(ask, repository, digest, exchange, reading?.take),
    tags: (repository, exchange) => listTags(ask, repository, exchange),
    credentialId: (repository, exchange) =>
      idOf(credentialsFor(repository, exchange.credentials, credentials)),
    ready: (repository, exchange) => credentials.ready?.(repository, exchange),
    close: () => transport.close(),
  };
  return withMirrors(registry, config);
}

function checkTag(tag: string): void {
  if (!isTag(tag)) throw new CountersignError('REFERENCE_INVALID', 'not a tag');
}

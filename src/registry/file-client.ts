// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/config.ts';
import { readBody } from './body.ts';
import { type Exchange, withinExchange } from './exchange.ts';
import { createProxies, type ProxySettings } from './proxies.ts';
import { createReach } from './reach.ts';
import { followRedirects } from './redirects.ts';
import { createTransport, discard, type TransportOptions } from './transport.ts';

/** Fetches single files from hosts that are no registries: a TUF repository. */
export type FileClient = {
  /**
   * The file at the URL, of at most `limit` bytes; `bytes` is empty where the status is not 200. Nobody's credentials are
   * sent, and redirects are followed as those of registries are.
   *
   * @throws LIMIT_EXCEEDED, RESPONSE_MALFORMED, DEADLINE_EXCEEDED, CANCELLED, and the codes of connections and redirects
   */
  get(
    url: URL,
    limit: number,
    exchange: Exchange,
  ): Promise<{ readonly status: number; readonly bytes: Uint8Array }>;
  close(): Promise<void>;
};

/** How a client for files is made; as `RegistryOptions`. */
export type FileClientOptions = {
  readonly config: Config;
  /** Hosts, with their ports, that the Config names elsewhere: they may be at any address. */
  readonly named: readonly string[];
  readonly allowLoopback: boolean;
  readonly proxies?: ProxySettings | undefined;
  readonly transport?: TransportOptions | undefined;
};

/**
 * A client for files over the guard, the proxies and the bounds of the registry client.
 *
 * @throws PROXY_INVALID
 */
export function createFileClient(options: FileClientOptions): FileClient {
  const reach = createReach(withNamed(options), options.allowLoopback);
  const transport = createTransport(reach, createProxies(options.proxies ?? {}), options.transport);
  return {
    get(url, limit, exchange) {
      return withinExchange(exchange, url.host, async (scope) => {
        const errand = { registry: url.host, kind: 'blob', method: 'GET', url, accept: '*/*' } as const;
        const { answer } = await followRedirects(errand, { reach, transport }, scope);
        if (answer.status === 200) return { status: 200, bytes: await readBody(answer, limit, 'the file') };
        discard(answer);
        return { status: answer.status, bytes: new Uint8Array() };
      });
    },
    close: () => transport.close(),
  };
}

/** The Config with an entry for each of these hosts. A host on loopback needs none where that is allowed: an entry would demand TLS of it. */
function withNamed({ config, named, allowLoopback }: FileClientOptions): Config {
  const isLoopback = (host: string) => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
  const added = named
    .filter((host) => !config.registries.has(host) && !(allowLoopback && isLoopback(host)))
    .map((host) => [host, {}] as const);
  return { ...config, registries: new Map([...config.registries, ...added]) };
}

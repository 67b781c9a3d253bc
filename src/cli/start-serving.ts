// SPDX-License-Identifier: Apache-2.0
import { createChildren, createFacts } from '../discover/index.ts';
import { mutate, validate } from '../evaluate.ts';
import { createRegistry, type ProxySettings } from '../registry/index.ts';
import { createMetrics, type LogLevel, openLog, startServer } from '../server/index.ts';
import { readConfig, readCredentials } from './engine.ts';

/** What `serve` was told. */
export type ServingOptions = {
  readonly policy: readonly string[];
  readonly config?: string;
  readonly listen: string;
  readonly probeListen: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly logLevel: LogLevel;
  /** The folder with docker's `config.json`. */
  readonly dockerConfig: string | undefined;
  /** Default: none. */
  readonly proxies?: ProxySettings;
  /** Milliseconds that a stopping server still takes new connections. */
  readonly drainMs: number;
};

/** A whole admission server, with all that it opened. */
export type Serving = { readonly address: string; readonly probeAddress: string; close(): Promise<void> };

/**
 * Starts the admission server over a registry client of its own. Plain HTTP and loopback only where the Config
 * names the host.
 *
 * @throws CountersignError LISTEN_FAILED, POLICY_INVALID, CONFIG_INVALID, FILE_UNREADABLE, USAGE
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const config = readConfig(options.config);
  const credentials = readCredentials(options.dockerConfig);
  const metrics = createMetrics();
  const log = openLog(options.logLevel);
  for (const warning of credentials.warnings) log.warn({}, warning);
  const registry = createRegistry({
    config,
    credentials,
    allowLoopback: false,
    proxies: options.proxies ?? {},
  });
  const facts = createFacts({ registry, tagSeconds: config.cache.tagSeconds, onLookup: metrics.factLookup });
  try {
    const server = await startServer({
      listen: options.listen,
      probeListen: options.probeListen,
      tls: { certFile: options.tlsCert, keyFile: options.tlsKey },
      policies: options.policy,
      engine: { validate, mutate },
      world: { facts, children: createChildren(config.controllers), clock: Date.now },
      metrics,
      log,
      timing: { drainMs: options.drainMs },
    });
    return {
      address: server.address,
      probeAddress: server.probeAddress,
      async close() {
        await server.close();
        await registry.close();
        await log.close();
      },
    };
  } catch (error) {
    await registry.close();
    await log.close();
    throw error;
  }
}

// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import { createChildren, createFacts } from '../discover/index.ts';
import { mutate, validate } from '../evaluate.ts';
import { createFileClient, createRegistry, type FileClient, type ProxySettings } from '../registry/index.ts';
import { createMetrics, type LogLevel, openLog, type ServerOptions, startServer } from '../server/index.ts';
import { trustCacheFolder } from '../trust/index.ts';
import {
  type Cluster,
  type ClusterOptions,
  followNamespaces,
  needsCluster,
  openCluster,
  pullSecretsOf,
} from './cluster.ts';
import { readConfig, readCredentials } from './engine.ts';
import type { CertificateChoice } from './server-certificate.ts';

/** What `serve` was told. */
export type ServingOptions = ClusterOptions & {
  readonly policy: readonly string[];
  readonly config?: string;
  readonly listen: string;
  readonly probeListen: string;
  readonly tls: CertificateChoice;
  /** PEM file of the authorities by which callers are known. */
  readonly clientCa?: string;
  /** Whether the pull secrets of workloads are read. */
  readonly pullSecrets?: boolean;
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
 * @throws CountersignError LISTEN_FAILED, POLICY_INVALID, CONFIG_INVALID, PROXY_INVALID, KUBECONFIG_INVALID, KUBECONFIG_UNSUPPORTED, FILE_UNREADABLE,
 *   USAGE, TRUST_ROOT_UNKNOWN, TRUST_ROOT_INVALID
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const config = readConfig(options.config);
  const credentials = readCredentials(options.dockerConfig);
  const cluster = openCluster(options);
  const tls = certificateFor(options.tls, cluster);
  const pullSecrets = pullSecretsOf(cluster, config, options.pullSecrets === true);
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
  const labels = cluster && { namespaceLabels: followNamespaces(cluster, log, metrics) };
  const client = openFileClient(config, options.proxies);
  async function closeWorld(): Promise<void> {
    await cluster?.client.close();
    await client?.close();
    await registry.close();
    await log.close();
  }
  try {
    const server = await startServer({
      listen: options.listen,
      probeListen: options.probeListen,
      tls,
      ...(options.clientCa === undefined ? {} : { clientCaFile: options.clientCa }),
      policies: options.policy,
      trust: { config, cacheFolder: trustCacheFolder(options.env), client },
      engine: { validate, mutate },
      world: {
        facts,
        children: createChildren(config.controllers),
        clock: Date.now,
        ...labels,
        ...(pullSecrets && { pullSecrets }),
      },
      metrics,
      log,
      timing: { drainMs: options.drainMs },
    });
    return {
      address: server.address,
      probeAddress: server.probeAddress,
      async close() {
        await server.close();
        await closeWorld();
      },
    };
  } catch (error) {
    await closeWorld();
    throw error;
  }
}

/** A client for the TUF repositories of the Config; `undefined` where it names none. */
function openFileClient(config: Config, proxies: ProxySettings | undefined): FileClient | undefined {
  const named = [...config.trustRoots.values()].flatMap((from) =>
    from.kind === 'tuf' ? new URL(from.mirror).host : [],
  );
  return named.length === 0 ? undefined : createFileClient({ config, named, allowLoopback: false, proxies });
}

function certificateFor(choice: CertificateChoice, cluster: Cluster | undefined): ServerOptions['tls'] {
  if ('certFile' in choice) return choice;
  if (cluster !== undefined) return { ...choice, ...cluster };
  throw needsCluster('--tls-secret');
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { type Config, DEFAULT_CONFIG, loadConfigFile } from '../config/index.ts';
import { createFacts } from '../discover/index.ts';
import type { Deps } from '../evaluate.ts';
import type { CompiledPolicy } from '../policy/index.ts';
import {
  type Credentials,
  createRegistry,
  loadDockerCredentials,
  NO_CREDENTIALS,
  type ProxySettings,
} from '../registry/index.ts';
import { loadCommandTrust } from './command-trust.ts';
import type { Terminal } from './terminal.ts';

/** The pipeline's world for one command, and how to leave it. */
export type Engine = { readonly deps: Deps; close(): Promise<void> };

/** The Config document of `--config`, or the empty one. */
export function readConfig(file: string | undefined): Config {
  return file === undefined ? DEFAULT_CONFIG : loadConfigFile(file);
}

/** The folder with docker's `config.json`: `DOCKER_CONFIG`, else `.docker` in the home directory. */
export function dockerConfigFolder(env: Terminal['env']): string | undefined {
  return env['DOCKER_CONFIG'] ?? (env['HOME'] === undefined ? undefined : join(env['HOME'], '.docker'));
}

/** The credentials of that folder; none where there is no folder. */
export function readCredentials(folder: string | undefined): Credentials {
  return folder === undefined ? NO_CREDENTIALS : loadDockerCredentials(folder);
}

/** The proxies that the environment names; of one variable in both cases, the upper one counts. */
export function proxiesOf(env: Terminal['env']): ProxySettings {
  return {
    httpsProxy: env['HTTPS_PROXY'] || env['https_proxy'],
    httpProxy: env['HTTP_PROXY'] || env['http_proxy'],
    noProxy: env['NO_PROXY'] || env['no_proxy'],
  };
}

/** An engine for a command line: plain HTTP and loopback are allowed for registries that are literally on loopback. */
export function startEngine(
  policies: readonly CompiledPolicy[],
  options: {
    readonly config?: string | undefined;
    readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
    readonly trustedRoot?: string | undefined;
  },
  terminal: Terminal,
): Engine {
  const config = readConfig(options.config);
  const trust = loadCommandTrust(policies, config, options.trustedRoot, terminal.env);
  const credentials = readCredentials(dockerConfigFolder(terminal.env));
  for (const warning of credentials.warnings) terminal.err(`countersign: ${warning}\n`);
  const registry = createRegistry({
    config,
    credentials,
    allowLoopback: true,
    proxies: proxiesOf(terminal.env),
  });
  const { namespaceLabels } = options;
  return {
    deps: {
      policies,
      facts: createFacts({ registry, tagSeconds: config.cache.tagSeconds }),
      clock: Date.now,
      observe: () => {},
      trust,
      ...(namespaceLabels === undefined ? {} : { namespaceLabels: () => namespaceLabels }),
    },
    close: () => registry.close(),
  };
}

// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import { parseRegistry } from '../image/registry-host.ts';
import { parseYaml, type Source, type SourceDocument, topIssue } from '../policy/document.ts';
import { PolicyError } from '../policy/issue.ts';
import { problemsOf } from '../policy/schema-problem.ts';
import { checkRegistries } from './check-registries.ts';
import { type Config, DEFAULT_CONFIG, type RegistryConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { disk, type Files } from './files.ts';
import { parseMirror } from './mirror.ts';
import { type ReadFile, type RegistryFiles, readRegistryFiles } from './registry-files.ts';
import { type ConfigDocument, ConfigSchema } from './schema.ts';
import { checkTrustRoots, trustRootsOf } from './trust-roots.ts';

/**
 * Loads a Config file and the certificates and keys that it names, which are looked for beside it.
 *
 * @throws ConfigError CONFIG_INVALID with every issue at once; CountersignError FILE_UNREADABLE
 */
export function loadConfigFile(path: string, files: Files = disk): Config {
  const readFile = (name: string) => files.read(resolve(dirname(path), name));
  return parseConfig(files.read(path), { source: path, readFile });
}

/**
 * The Config in a YAML text, checked completely, the files that it names read, frozen.
 *
 * @throws ConfigError CONFIG_INVALID with every issue at once
 */
export function parseConfig(
  text: string,
  { source, readFile }: { readonly source: string; readonly readFile: ReadFile },
): Config {
  const { documents, issues } = readYaml(text, source);
  const [document] = documents;
  if (issues.length > 0) throw new ConfigError(issues);
  if (document === undefined || documents.length > 1) {
    throw new ConfigError([topIssue(source, `found ${documents.length} documents (allowed: one)`)]);
  }
  return buildConfig(document, readFile, (name) => resolve(dirname(source), name));
}

function readYaml(text: string, source: string): Source {
  try {
    return parseYaml(text, source);
  } catch (error) {
    if (error instanceof PolicyError) throw new ConfigError(error.issues);
    throw error;
  }
}

type PathOf = (name: string) => string;

function buildConfig(document: SourceDocument, readFile: ReadFile, pathOf: PathOf): Config {
  const parsed = ConfigSchema.safeParse(document.value, { reportInput: true });
  const read = readRegistryFiles(document.value, readFile);
  const problems = [
    ...problemsOf(parsed.error?.issues ?? []),
    ...checkRegistries(document.value),
    ...read.problems,
    ...checkTrustRoots(document.value, readFile),
  ];
  const issues = problems.map(({ path, message, target }) => document.issue(path, message, target));
  if (!parsed.success || issues.length > 0) throw new ConfigError(issues);
  return configOf(parsed.data, read.files, pathOf);
}

function configOf(
  { registries = {}, cache, controllers, pullSecrets, trustRoots }: ConfigDocument,
  files: ReadonlyMap<string, RegistryFiles>,
  pathOf: PathOf,
): Config {
  const entries = Object.entries(registries).map(([registry, entry]) => {
    const { tokenServer, mirror, unsafeMirrorTags, unsafePlainHttp } = entry;
    const config: RegistryConfig = {
      ...files.get(registry),
      ...(tokenServer === undefined ? {} : { tokenServer: parseRegistry(tokenServer) }),
      ...(mirror === undefined ? {} : { mirror: parseMirror(mirror) }),
      ...(unsafeMirrorTags === undefined ? {} : { unsafeMirrorTags }),
      ...(unsafePlainHttp === undefined ? {} : { unsafePlainHttp }),
    };
    return [parseRegistry(registry), Object.freeze(config)] as const;
  });
  return Object.freeze({
    registries: new Map(entries),
    cache: Object.freeze({ tagSeconds: cache?.tagSeconds ?? DEFAULT_CONFIG.cache.tagSeconds }),
    pullSecrets: Object.freeze(pullSecrets ?? DEFAULT_CONFIG.pullSecrets),
    controllers: Object.freeze(controllers ?? DEFAULT_CONFIG.controllers),
    trustRoots: trustRootsOf(trustRoots ?? {}, pathOf),
  });
}

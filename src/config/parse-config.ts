// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { parseRegistry } from '../image/registry-host.ts';
import { parseYaml, type Source, type SourceDocument, topIssue } from '../policy/document.ts';
import { PolicyError } from '../policy/issue.ts';
import { pairsOf, textAt, valueAt } from '../policy/raw.ts';
import { type Problem, problemsOf } from '../policy/schema-problem.ts';
import { parseCertificates } from './certificates.ts';
import { type Config, DEFAULT_CONFIG, type RegistryConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { disk, type Files } from './files.ts';
import { type ConfigDocument, ConfigSchema } from './schema.ts';

/** Reads a file that a Config names, by the name it has there. May throw. */
export type ReadFile = (name: string) => string;

/**
 * Loads a Config file and the certificates that it names, which are looked for beside it.
 *
 * @throws ConfigError CONFIG_INVALID with every issue at once; CountersignError FILE_UNREADABLE
 */
export function loadConfigFile(path: string, files: Files = disk): Config {
  const readFile = (name: string) => files.read(resolve(dirname(path), name));
  return parseConfig(files.read(path), { source: path, readFile });
}

/**
 * The Config in a YAML text, checked completely, its certificates read, frozen.
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
  return buildConfig(document, readFile);
}

function readYaml(text: string, source: string): Source {
  try {
    return parseYaml(text, source);
  } catch (error) {
    if (error instanceof PolicyError) throw new ConfigError(error.issues);
    throw error;
  }
}

function buildConfig(document: SourceDocument, readFile: ReadFile): Config {
  const parsed = ConfigSchema.safeParse(document.value, { reportInput: true });
  const authorities = readAuthorities(document.value, readFile);
  const problems = [
    ...problemsOf(parsed.error?.issues ?? []),
    ...checkRegistries(document.value),
    ...authorities.problems,
  ];
  const issues = problems.map(({ path, message, target }) => document.issue(path, message, target));
  if (!parsed.success || issues.length > 0) throw new ConfigError(issues);
  return configOf(parsed.data, authorities.pems);
}

type Authorities = { readonly pems: ReadonlyMap<string, string>; readonly problems: readonly Problem[] };

/** The certificates by the name of their registry. Reads the document as it is, so that all problems are told at once. */
function readAuthorities(document: unknown, readFile: ReadFile): Authorities {
  const pems = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [registry, entry] of pairsOf(valueAt(document, 'registries'))) {
    const file = textAt(valueAt(entry, 'ca'), 'file');
    if (file === undefined || file === '') continue;
    try {
      pems.set(registry, parseCertificates(readFile(file)));
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      problems.push({
        path: ['registries', registry, 'ca', 'file'],
        message: error.code === 'FILE_UNREADABLE' ? error.message : `${quote(file)}: ${error.message}`,
      });
    }
  }
  return { pems, problems };
}

/** What the schema cannot see: two spellings of one host, and keys that do nothing beside others. */
function checkRegistries(document: unknown): Problem[] {
  const first = new Map<string, string>();
  return pairsOf(valueAt(document, 'registries')).flatMap(([registry, entry]) => {
    const problems = checkPlainHttp(registry, entry);
    const canonical = canonicalOf(registry);
    const before = canonical === undefined ? undefined : first.get(canonical);
    if (canonical !== undefined && before === undefined) first.set(canonical, registry);
    if (before === undefined) return problems;
    const message = `${quote(registry)} is the same host as ${quote(before)}`;
    return [...problems, { path: ['registries', registry], target: 'key' as const, message }];
  });
}

function checkPlainHttp(registry: string, entry: unknown): Problem[] {
  const useless =
    valueAt(entry, 'unsafePlainHttp') === true &&
    valueAt(entry, 'ca') !== undefined &&
    valueAt(entry, 'tokenServer') === undefined;
  if (!useless) return [];
  const message = 'ca does nothing beside unsafePlainHttp: no certificate is asked for';
  return [{ path: ['registries', registry, 'ca'], target: 'key', message }];
}

function canonicalOf(registry: string): string | undefined {
  try {
    return parseRegistry(registry);
  } catch {
    // The schema says so.
    return undefined;
  }
}

function configOf({ registries = {}, cache }: ConfigDocument, pems: ReadonlyMap<string, string>): Config {
  const entries = Object.entries(registries).map(([registry, { tokenServer, unsafePlainHttp }]) => {
    const ca = pems.get(registry);
    const entry: RegistryConfig = {
      ...(ca === undefined ? {} : { ca }),
      ...(tokenServer === undefined ? {} : { tokenServer: parseRegistry(tokenServer) }),
      ...(unsafePlainHttp === undefined ? {} : { unsafePlainHttp }),
    };
    return [parseRegistry(registry), Object.freeze(entry)] as const;
  });
  return Object.freeze({
    registries: new Map(entries),
    cache: Object.freeze({ tagSeconds: cache?.tagSeconds ?? DEFAULT_CONFIG.cache.tagSeconds }),
  });
}

// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import type { Repository } from '../image/reference.ts';
import { countJsonValues } from '../json-bounds.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { type Credential, type Credentials, identityCredential, passwordCredential } from './credential.ts';
import { isHelperName } from './credential-helper.ts';
import { parseScope, scopesOf, withoutUser } from './docker-scope.ts';

/** Which helper programs a docker `config.json` names: one for the hosts in `hosts` each, `store` for all others. */
export type HelperNames = { readonly store: string; readonly hosts: ReadonlyMap<string, string> };

/** A credential, and of how many segments the name is that it is for: the more, the better it fits. */
export type ScopedCredential = { readonly credential: Credential; readonly segments: number };

/** Credentials as docker and kubelets write them down. */
export type DockerCredentials = Credentials & {
  /** As `find`, with how well each fits. */
  scoped(repository: Repository): readonly ScopedCredential[];
  /** How many names there are credentials for. */
  readonly size: number;
};

/**
 * The credentials of a docker `config.json` that stand in it: those under `auths`. An entry is for a registry, or for a part of one
 * (`registry/path`); for a repository all that fit count, by whole segments of the path, the longest first.
 *
 * `source` is what messages call the text. Messages never quote it.
 *
 * @throws CONFIG_INVALID where the text as a whole cannot be read, or has too many entries; a single bad one is a warning
 */
export function parseDockerConfig(
  text: string,
  source: string,
): DockerCredentials & { readonly helpers: HelperNames } {
  const config = parseObject(text, source);
  const warnings: string[] = [];
  const helpers = parseHelpers(config, source, warnings);
  const auths = config['auths'] ?? {};
  if (!isJsonObject(auths)) throw invalid(`${source}: auths is not an object`);
  return { ...credentialsIn(auths, source, warnings), helpers };
}

/**
 * The credentials of a `.dockercfg`, as docker wrote it before there was a `config.json`: what is under `auths` there.
 *
 * @throws CONFIG_INVALID as {@link parseDockerConfig}
 */
export function parseDockerCfg(text: string, source: string): DockerCredentials {
  return credentialsIn(parseObject(text, source), source, []);
}

/** Docker takes the name of a host for which `''` stands to have no helper, whatever the store is. */
function parseHelpers(config: JsonObject, source: string, warnings: string[]): HelperNames {
  const nameOf = (value: unknown, what: string): string => {
    if (value === undefined || value === null || value === '') return '';
    if (typeof value === 'string' && isHelperName(value)) return value;
    warn(warnings, `${source}: ${what} is not used: not the name of a credential helper`);
    return '';
  };
  const hosts = new Map<string, string>();
  const byHost = config['credHelpers'] ?? {};
  for (const [key, value] of isJsonObject(byHost) ? entriesOf(byHost, source) : []) {
    const what = `credHelpers ${quote(withoutUser(key))}`;
    try {
      hosts.set(parseScope(key).scope, nameOf(value, what));
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      warn(warnings, `${source}: ${what} is not used: ${error.message}`);
    }
  }
  return { store: nameOf(config['credsStore'], 'credsStore'), hosts };
}

function credentialsIn(auths: JsonObject, source: string, warnings: string[]): DockerCredentials {
  const entries = new Map<string, { readonly credential: Credential; readonly rank: number }>();
  for (const [key, value] of entriesOf(auths, source)) {
    try {
      const { scope, rank } = parseScope(key);
      const credential = parseEntry(value);
      const other = entries.get(scope);
      if (credential !== undefined && (other === undefined || rank < other.rank)) {
        entries.set(scope, { credential, rank });
      }
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      warn(warnings, `${source}: auths ${quote(withoutUser(key))} is not used: ${error.message}`);
    }
  }
  const scoped = (repository: Repository) => findAll(entries, repository);
  const find = (repository: Repository) => scoped(repository).map(({ credential }) => credential);
  return { find, scoped, size: entries.size, warnings };
}

/** Each costs far more than the few bytes that it can be written with. */
function entriesOf(object: JsonObject, source: string): readonly [string, unknown][] {
  const entries = Object.entries(object);
  if (entries.length <= LIMITS.credentialEntries) return entries;
  throw invalid(`${source}: ${entries.length} entries, at most ${LIMITS.credentialEntries} are read`);
}

/** The first ones say enough. */
function warn(warnings: string[], message: string): void {
  if (warnings.length < LIMITS.credentialWarnings) warnings.push(message);
}

/** Of a pull secret whoever may write one decides; an `auths` of 1 MiB has some 50,000 values. */
const BOUNDS = { depth: LIMITS.jsonDepth, values: LIMITS.answerValues };

function findAll(
  entries: ReadonlyMap<string, { readonly credential: Credential }>,
  repository: Repository,
): readonly ScopedCredential[] {
  if (entries.size === 0) return [];
  return scopesOf(repository).flatMap((scope) => {
    const entry = entries.get(scope);
    return entry === undefined ? [] : { credential: entry.credential, segments: scope.split('/').length };
  });
}

/** `undefined` for the empty entries that docker leaves beside a credential store. */
function parseEntry(value: unknown): Credential | undefined {
  if (!isJsonObject(value)) throw invalid('not an object');
  const identity = textOf(value, 'identitytoken');
  if (identity !== '') return identityCredential(identity);
  const auth = textOf(value, 'auth');
  const [username, password] =
    auth === '' ? [textOf(value, 'username'), textOf(value, 'password')] : decode(auth);
  if (username !== '') return passwordCredential(username, password);
  if (textOf(value, 'registrytoken') !== '') throw invalid('registrytoken is not read');
  return undefined;
}

function decode(auth: string): [username: string, password: string] {
  const text = /^[A-Za-z0-9+/]+={0,2}\s*$/.test(auth) ? Buffer.from(auth, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon <= 0) throw invalid('auth is not base64 of "username:password"');
  return [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')];
}

function textOf(entry: JsonObject, name: string): string {
  const value = entry[name] ?? '';
  if (typeof value !== 'string') throw invalid(`${name} is not a string`);
  return value;
}

// The parser's own error is not kept: it quotes the text, which is made of secrets.
function parseObject(text: string, source: string): JsonObject {
  if (countJsonValues(Buffer.from(text), BOUNDS) === undefined) {
    throw invalid(`${source}: JSON with too many values, or nested too deep`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(`${source}: not JSON`);
  }
  if (!isJsonObject(value)) throw invalid(`${source}: not a JSON object`);
  return value;
}

function invalid(message: string): CountersignError {
  return new CountersignError('CONFIG_INVALID', message);
}

// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { disk, type Files } from '../config/files.ts';
import { CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import type { KubernetesAccess } from './access.ts';
import { checkToken, tokenOfFile } from './token.ts';

/** What reading goes on with: the document's place for messages, and how to read what it names. */
type Reading = { readonly place: string; readonly folder: string; readonly files: Files };

/**
 * The access of the current context of a kubeconfig file. Files that it names are looked for beside it.
 * A user may have `token`, `tokenFile`, `client-certificate(-data)` with `client-key(-data)`. Refused: helper
 * programs (`exec`, `auth-provider`), which would run in the server's process space; passwords; impersonation;
 * `insecure-skip-tls-verify` and plain http, which hand the credential to whoever answers.
 *
 * @throws CountersignError KUBECONFIG_INVALID, KUBECONFIG_UNSUPPORTED, FILE_UNREADABLE; no message quotes the file
 */
export function loadKubeconfig(file: string, files: Files = disk): KubernetesAccess {
  const document = parseDocument(files.read(file), file);
  const name = textOf(document, 'current-context');
  if (name === undefined) throw invalid(file, 'has no current-context');
  const context = entryOf(document, 'contexts', 'context', name, file);
  const clusterName = textOf(context, 'cluster');
  if (clusterName === undefined) throw invalid(file, 'the current context names no cluster');
  const cluster = entryOf(document, 'clusters', 'cluster', clusterName, file);
  const userName = textOf(context, 'user');
  const user = userName === undefined ? {} : entryOf(document, 'users', 'user', userName, file);
  const reading = { place: file, folder: dirname(resolve(file)), files };
  const namespace = textOf(context, 'namespace');
  return {
    ...clusterAccess(cluster, reading),
    ...userAccess(user, reading),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function parseDocument(text: string, file: string): JsonObject {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 0, logLevel: 'error' });
  } catch {
    // Without the parser's message, which quotes the line: it may be the one with the token.
    throw invalid(file, 'is not YAML (aliases are not allowed)');
  }
  if (!isJsonObject(document) || document['kind'] !== 'Config') throw invalid(file, 'is no kubeconfig');
  return document;
}

/** The entry of this name in one of the three lists of a kubeconfig. */
function entryOf(document: JsonObject, list: string, key: string, name: string, file: string): JsonObject {
  const entries = document[list];
  const entry = Array.isArray(entries)
    ? entries.find((one: unknown) => isJsonObject(one) && one['name'] === name)
    : undefined;
  const content = isJsonObject(entry) ? entry[key] : undefined;
  if (!isJsonObject(content)) throw invalid(file, `${list} has no entry for the current context`);
  return content;
}

const REFUSED_OF_CLUSTER = ['insecure-skip-tls-verify', 'proxy-url'];
const REFUSED_OF_USER = ['exec', 'auth-provider', 'username', 'password', 'as', 'as-uid', 'as-groups'];

function clusterAccess(
  cluster: JsonObject,
  reading: Reading,
): Pick<KubernetesAccess, 'server' | 'ca' | 'serverName'> {
  refuse(cluster, REFUSED_OF_CLUSTER, reading.place);
  const text = textOf(cluster, 'server') ?? '';
  const server = URL.canParse(text) ? new URL(text) : undefined;
  if (server === undefined || server.search !== '' || server.username !== '' || server.password !== '') {
    throw invalid(reading.place, 'the server of the cluster is no URL');
  }
  if (server.protocol !== 'https:') throw unsupported(reading.place, 'a server that is not https');
  const ca = contentOf(cluster, 'certificate-authority', reading);
  const serverName = textOf(cluster, 'tls-server-name');
  return {
    server,
    ...(ca === undefined ? {} : { ca: () => ca }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function userAccess(
  user: JsonObject,
  reading: Reading,
): Pick<KubernetesAccess, 'token' | 'clientCertificate'> {
  refuse(user, REFUSED_OF_USER, reading.place);
  const cert = contentOf(user, 'client-certificate', reading);
  const key = contentOf(user, 'client-key', reading);
  if ((cert === undefined) !== (key === undefined)) {
    throw invalid(
      reading.place,
      'the user has one of client-certificate and client-key, wanted both or none',
    );
  }
  const token = tokenOf(user, reading);
  return {
    ...(token === undefined ? {} : { token }),
    ...(cert === undefined || key === undefined ? {} : { clientCertificate: { cert, key } }),
  };
}

/** As kubectl does: the file goes before the text, since it is what gets renewed. */
function tokenOf(user: JsonObject, { place, folder, files }: Reading): KubernetesAccess['token'] {
  const file = textOf(user, 'tokenFile');
  if (file !== undefined) return tokenOfFile(resolve(folder, file), files);
  const text = textOf(user, 'token');
  if (text === undefined) return undefined;
  const token = checkToken(text, place);
  return () => token;
}

/** `NAME-data` in base64, else the file that `NAME` says. */
function contentOf(from: JsonObject, name: string, { folder, files }: Reading): string | undefined {
  const data = textOf(from, `${name}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = textOf(from, name);
  return file === undefined ? undefined : files.read(resolve(folder, file));
}

function refuse(from: JsonObject, names: readonly string[], place: string): void {
  const found = names.find((name) => from[name] !== undefined && from[name] !== false && from[name] !== '');
  if (found !== undefined) throw unsupported(place, found);
}

function textOf(from: JsonObject, name: string): string | undefined {
  const value = from[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function invalid(place: string, problem: string): CountersignError {
  return new CountersignError('KUBECONFIG_INVALID', `${place}: ${problem}`);
}

function unsupported(place: string, what: string): CountersignError {
  return new CountersignError('KUBECONFIG_UNSUPPORTED', `${place}: ${what} is not supported`);
}

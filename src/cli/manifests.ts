// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { CountersignError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** One Kubernetes object of a file: where it stands, and what it is. */
export type Manifest = {
  /** `FILE: Kind/name`, for people. */
  readonly name: string;
  readonly object: Readonly<Record<string, unknown>>;
};

const MANIFEST_FILE = /\.(ya?ml|json)$/;
/** YAML aliases of one document: Kubernetes tools write none. */
const ALIASES = 100;

/**
 * The objects of files, folders (read deep, `.yaml`, `.yml`, `.json`) and `-` (standard input), in their order.
 * Documents of a file and items of a List are objects each.
 *
 * @throws CountersignError FILE_UNREADABLE, MANIFEST_INVALID
 */
export async function readManifests(paths: readonly string[], terminal: Terminal): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    if (path === '-') manifests.push(...parseManifests('-', await terminal.readStdin()));
    else for (const file of filesOf(path)) manifests.push(...parseManifests(file, read(file)));
  }
  if (manifests.length === 0) {
    throw new CountersignError('MANIFEST_INVALID', `found no Kubernetes object in ${paths.join(', ')}`);
  }
  return manifests;
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => MANIFEST_FILE.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    throw new CountersignError('FILE_UNREADABLE', `cannot read ${path}`, { cause });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CountersignError('FILE_UNREADABLE', `cannot read ${file}`, { cause });
  }
}

/** The objects of one text; what is empty or only comments is no object, anything else must be one. */
function parseManifests(file: string, text: string): Manifest[] {
  // As kubectl reads it: with merge keys, which could otherwise hide an image from here.
  const documents = parseAllDocuments(text, { logLevel: 'error', merge: true });
  const list = Array.isArray(documents) ? documents : [];
  return list.flatMap((document) => {
    // A warning is about a tag that kubectl may read as something else.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const line = problem.linePos?.[0].line ?? 1;
      throw new CountersignError('MANIFEST_INVALID', `${file}:${line}: ${firstLine(problem.message)}`);
    }
    return objectsOf(file, toValue(file, document));
  });
}

/** The parser's message without the place, which is said already, and without the excerpt. */
function firstLine(message: string): string {
  return message.replace(/(?: at line \d+, column \d+)?:?\n[\s\S]*$/, '');
}

function toValue(file: string, document: ReturnType<typeof parseAllDocuments>[number]): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES });
  } catch (cause) {
    throw new CountersignError('MANIFEST_INVALID', `${file}: too many aliases`, { cause });
  }
}

function objectsOf(file: string, value: unknown): Manifest[] {
  if (value === null || value === undefined) return [];
  if (!isObject(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
    throw new CountersignError(
      'MANIFEST_INVALID',
      `${file}: found ${typeof value}, wanted an object with apiVersion and kind`,
    );
  }
  if (value['kind'].endsWith('List') && Array.isArray(value['items'])) {
    return value['items'].flatMap((item) => objectsOf(file, item));
  }
  return [{ name: `${file}: ${value['kind']}/${nameOf(value)}`, object: value }];
}

function nameOf(object: Readonly<Record<string, unknown>>): string {
  const metadata = object['metadata'];
  const name = isObject(metadata) ? (metadata['name'] ?? metadata['generateName']) : undefined;
  return typeof name === 'string' ? name : '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

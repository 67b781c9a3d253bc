// SPDX-License-Identifier: Apache-2.0
import { LineCounter, parseAllDocuments } from 'yaml';
import { CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { nearMiss } from './near-miss.ts';

/** One Kubernetes object of a file: where it stands, and what it is. */
export type Manifest = {
  readonly file: string;
  readonly apiVersion: string;
  /** `Kind/name`, for people. */
  readonly title: string;
  readonly object: JsonObject;
};

/** One thing of a file that is no Kubernetes object, or none that an API server takes. */
type ManifestIssue = {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  /** It would not help to render it first. */
  readonly isMisspelt?: boolean;
};

/** All that is wrong with the files of one command line. Its code is MANIFEST_INVALID. */
export class ManifestError extends CountersignError {
  override readonly name = 'ManifestError';
  readonly issues: readonly ManifestIssue[];

  constructor(issues: readonly ManifestIssue[]) {
    const lines = issues.map(({ file, line, message }) => `${file}:${line}: ${message}`);
    super('MANIFEST_INVALID', lines.join('\n'));
    this.issues = issues;
  }

  override get hint(): string {
    return this.issues.every((issue) => issue.isMisspelt) ? '' : super.hint;
  }
}

/** YAML aliases of one document: Kubernetes tools write none. */
const ALIASES = 100;

/** Where in a file a value stands, and the list of what is wrong, to add to. */
type Place = { readonly file: string; readonly line: number; readonly issues: ManifestIssue[] };

/** The objects of one text; what is empty or only comments is no object, anything else must be one, or is an issue. */
export function parseManifests(file: string, text: string, issues: ManifestIssue[]): Manifest[] {
  const lineCounter = new LineCounter();
  // As kubectl reads it: with merge keys, which could otherwise hide an image from here.
  const documents = parseAllDocuments(text, { logLevel: 'error', merge: true, lineCounter });
  const list = Array.isArray(documents) ? documents : [];
  return list.flatMap((document) => {
    const { line } = lineCounter.linePos(document.contents?.range?.[0] ?? 0);
    // A warning is about a tag that kubectl may read as something else.
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      issues.push({ file, line: problem.linePos?.[0].line ?? line, message: firstLine(problem.message) });
      return [];
    }
    const place = { file, line, issues };
    return objectsOf(place, toValue(place, document));
  });
}

/** The parser's message without the place, which is said already, and without the excerpt. */
function firstLine(message: string): string {
  return message.replace(/(?: at line \d+, column \d+)?:?\n[\s\S]*$/, '');
}

function toValue(place: Place, document: ReturnType<typeof parseAllDocuments>[number]): unknown {
  try {
    return document.toJS({ maxAliasCount: ALIASES });
  } catch {
    // What the parser would say is about its own limits.
    return complain(place, 'too many aliases');
  }
}

function objectsOf(place: Place, value: unknown): Manifest[] {
  if (value === null || value === undefined) return [];
  const [apiVersion, kind] = isJsonObject(value) ? [value['apiVersion'], value['kind']] : [];
  if (!isJsonObject(value) || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    complain(place, `found ${describe(value)}, wanted an object with apiVersion and kind`);
    return [];
  }
  if (kind === 'List' || (kind.endsWith('List') && 'items' in value)) return itemsOf(place, kind, value);
  const miss = nearMiss(apiVersion, kind);
  if (miss?.isRefused === true) {
    const message = `${apiVersion} has no kind ${kind}: did you mean ${miss.meant}?`;
    place.issues.push({ file: place.file, line: place.line, message, isMisspelt: true });
    return [];
  }
  return [{ file: place.file, apiVersion, title: `${kind}/${nameOf(value)}`, object: value }];
}

/** Go writes a list without items as null. */
function itemsOf(place: Place, kind: string, { items }: JsonObject): Manifest[] {
  if (items === null) return [];
  if (Array.isArray(items)) return items.flatMap((item) => objectsOf(place, item));
  complain(place, `${kind}: found ${describe(items)} as items, wanted a list`);
  return [];
}

function complain({ file, line, issues }: Place, message: string): undefined {
  issues.push({ file, line, message });
}

function describe(value: unknown): string {
  if (isJsonObject(value)) {
    const missing = ['apiVersion', 'kind'].filter((name) => typeof value[name] !== 'string');
    return missing.length === 0 ? 'a mapping' : `a mapping without ${missing.join(' and ')}`;
  }
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

function nameOf(object: JsonObject): string {
  const metadata = object['metadata'];
  const name = isJsonObject(metadata) ? (metadata['name'] ?? metadata['generateName']) : undefined;
  return typeof name === 'string' ? name : '';
}

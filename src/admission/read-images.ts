// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { describeJson, jsonPointer, ownField } from './json-fields.ts';
import type { PodKind } from './kinds.ts';

/** One place where an object names an image. */
export type ImageUse = {
  /** As written. */
  readonly image: string;
  /** The name of the container, or of the volume; empty where it has none yet. */
  readonly container: string;
  readonly kind: 'container' | 'init' | 'ephemeral' | 'imageVolume';
  /** JSON pointer to the image string in the object. */
  readonly path: string;
};

/** Where a pod spec lists things that name an image, in the order in which uses are listed. */
const LISTS = [
  { list: 'containers', kind: 'container' },
  { list: 'initContainers', kind: 'init' },
  { list: 'ephemeralContainers', kind: 'ephemeral' },
  { list: 'volumes', kind: 'imageVolume' },
] as const;

/** What to call a use in a message. */
export const USE_WORDS: Readonly<Record<ImageUse['kind'], string>> = {
  container: 'container',
  init: 'init container',
  ephemeral: 'ephemeral container',
  imageVolume: 'image volume',
};

/**
 * Every image of an object of this kind: containers, init containers, ephemeral containers, image volumes. One
 * that is missing or empty is listed as the empty string. Attacker input: whatever is not of the shape that the
 * kind has throws OBJECT_MALFORMED and is never skipped.
 */
export function readImages(object: unknown, kind: PodKind): ImageUse[] {
  const spec = readPodSpec(object, kind);
  const at = jsonPointer(kind.podSpec);
  const uses: ImageUse[] = [];
  for (const row of LISTS) {
    const path = `${at}/${row.list}`;
    const list = readList(spec, row.list, path, kind);
    for (let index = 0; index < list.length; index += 1) {
      const use = readUse(list[index], `${path}/${index}`, row.kind, kind);
      if (use !== undefined) uses.push(use);
    }
  }
  return uses;
}

/** The pod spec of an object of this kind: attacker input. Throws OBJECT_MALFORMED where there is none. */
function readPodSpec(object: unknown, kind: PodKind): JsonObject {
  let here = expectObject(object, '', kind);
  let path = '';
  for (const name of kind.podSpec) {
    path += `/${name}`;
    here = expectObject(ownField(here, name), path, kind);
  }
  return here;
}

const NOTHING: readonly unknown[] = [];

/** An absent list is empty, and so is `null`, which Go writes for a list that was never set. */
function readList(spec: JsonObject, name: string, path: string, kind: PodKind): readonly unknown[] {
  const list = ownField(spec, name) ?? NOTHING;
  if (!Array.isArray(list)) throw malformedObject(kind, path, 'an array', list);
  return list;
}

function readUse(item: unknown, path: string, use: ImageUse['kind'], kind: PodKind): ImageUse | undefined {
  const holder = expectObject(item, path, kind);
  const container = readText(holder, 'name', path, kind);
  if (use !== 'imageVolume') {
    return { image: readText(holder, 'image', path, kind), container, kind: use, path: `${path}/image` };
  }
  const source = ownField(holder, 'image');
  if (source === undefined) return undefined;
  const within = `${path}/image`;
  const image = readText(expectObject(source, within, kind), 'reference', within, kind);
  return { image, container, kind: use, path: `${within}/reference` };
}

function readText(holder: JsonObject, name: string, path: string, kind: PodKind): string {
  const value = ownField(holder, name) ?? '';
  if (typeof value !== 'string') throw malformedObject(kind, `${path}/${name}`, 'a string', value);
  return value;
}

function expectObject(value: unknown, path: string, kind: PodKind): JsonObject {
  if (!isJsonObject(value)) throw malformedObject(kind, path, 'an object', value);
  return value;
}

/** OBJECT_MALFORMED that says where (a JSON pointer), what was wanted and what was found. */
export function malformedObject(
  kind: PodKind,
  path: string,
  wanted: string,
  found: unknown,
): CountersignError {
  const where = path === '' ? 'the object' : path;
  return new CountersignError(
    'OBJECT_MALFORMED',
    `${kind.kind}: ${where}: wanted ${wanted}, found ${describeJson(found)}`,
  );
}

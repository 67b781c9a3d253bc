// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { describeJson, isJsonObject, type JsonObject, jsonPointer, ownField } from './json-fields.ts';
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

type Path = readonly (string | number)[];

/**
 * Every image of an object of this kind: containers, init containers, ephemeral containers, image volumes. One
 * that is missing or empty is listed as the empty string. Attacker input: whatever is not of the shape that the
 * kind has throws OBJECT_MALFORMED and is never skipped.
 */
export function readImages(object: unknown, kind: PodKind): ImageUse[] {
  const spec = readPodSpec(object, kind);
  const uses: ImageUse[] = [];
  for (const row of LISTS) {
    const path = [...kind.podSpec, row.list];
    for (const [index, item] of readList(spec, path, kind).entries()) {
      const use = readUse(item, [...path, index], row.kind, kind);
      if (use !== undefined) uses.push(use);
    }
  }
  return uses;
}

/** The pod spec of an object of this kind: attacker input. Throws OBJECT_MALFORMED where there is none. */
function readPodSpec(object: unknown, kind: PodKind): JsonObject {
  let here = expectObject(object, [], kind);
  kind.podSpec.forEach((name, depth) => {
    here = expectObject(ownField(here, name), kind.podSpec.slice(0, depth + 1), kind);
  });
  return here;
}

/** An absent list is empty, and so is `null`, which Go writes for a list that was never set. */
function readList(spec: JsonObject, path: Path, kind: PodKind): readonly unknown[] {
  const list = ownField(spec, String(path.at(-1))) ?? [];
  if (!Array.isArray(list)) throw malformedObject(kind, path, 'an array', list);
  return list;
}

function readUse(item: unknown, path: Path, use: ImageUse['kind'], kind: PodKind): ImageUse | undefined {
  const holder = expectObject(item, path, kind);
  const container = readText(holder, [...path, 'name'], kind);
  if (use !== 'imageVolume') {
    const image = readText(holder, [...path, 'image'], kind);
    return { image, container, kind: use, path: jsonPointer([...path, 'image']) };
  }
  const source = ownField(holder, 'image');
  if (source === undefined) return undefined;
  const reference = [...path, 'image', 'reference'];
  const image = readText(expectObject(source, [...path, 'image'], kind), reference, kind);
  return { image, container, kind: use, path: jsonPointer(reference) };
}

function readText(holder: JsonObject, path: Path, kind: PodKind): string {
  const value = ownField(holder, String(path.at(-1))) ?? '';
  if (typeof value !== 'string') throw malformedObject(kind, path, 'a string', value);
  return value;
}

function expectObject(value: unknown, path: Path, kind: PodKind): JsonObject {
  if (!isJsonObject(value)) throw malformedObject(kind, path, 'an object', value);
  return value;
}

/** OBJECT_MALFORMED that says where, what was wanted and what was found. */
export function malformedObject(kind: PodKind, path: Path, wanted: string, found: unknown): CountersignError {
  const where = path.length === 0 ? 'the object' : jsonPointer(path);
  return new CountersignError(
    'OBJECT_MALFORMED',
    `${kind.kind}: ${where}: wanted ${wanted}, found ${describeJson(found)}`,
  );
}

// SPDX-License-Identifier: Apache-2.0
import { type Digest, isDigest } from '../image/digest.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { malformed } from './json.ts';

/** What a manifest or list says about other content (OCI image specification, "Content Descriptors"). */
export type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

const LONGEST_MEDIA_TYPE = 255;

/**
 * A descriptor. Attacker input: what is not of the specified type is refused, what is unknown is left out.
 *
 * @throws RESPONSE_MALFORMED, with `where` as the subject of the message
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isJsonObject(value)) throw malformed(`${where}: not a descriptor`);
  const { digest, size } = { digest: value['digest'], size: value['size'] };
  if (typeof digest !== 'string' || !isDigest(digest)) throw malformed(`${where}: no valid digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw malformed(`${where}: no valid size`);
  const artifactType = parseMediaType(value, 'artifactType', where);
  return {
    mediaType: parseMediaType(value, 'mediaType', where) ?? '',
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(value['annotations'] == null ? {} : { annotations: parseAnnotations(value, where) }),
  };
}

/** A list of descriptors, empty where the member is absent or null. @throws RESPONSE_MALFORMED */
export function parseDescriptors(owner: JsonObject, name: string, where: string): Descriptor[] {
  const list = owner[name] ?? [];
  if (!Array.isArray(list)) throw malformed(`${where}: ${name} is not a list`);
  return list.map((one: unknown, index) => parseDescriptor(one, `${where}: ${name}[${index}]`));
}

/** A media type or artifact type, `undefined` where it is absent, null or empty. @throws RESPONSE_MALFORMED */
export function parseMediaType(owner: JsonObject, name: string, where: string): string | undefined {
  const value = owner[name] ?? '';
  if (typeof value !== 'string' || value.length > LONGEST_MEDIA_TYPE) {
    throw malformed(`${where}: ${name} is not a media type`);
  }
  return value === '' ? undefined : value;
}

/** The annotations, empty where there are none. @throws RESPONSE_MALFORMED */
export function parseAnnotations(owner: JsonObject, where: string): Readonly<Record<string, string>> {
  const value = owner['annotations'] ?? {};
  if (!isJsonObject(value)) throw malformed(`${where}: annotations are not an object`);
  // fromEntries defines members, so that one called __proto__ stays a member.
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      if (typeof text !== 'string') throw malformed(`${where}: an annotation that is not a string`);
      return [name, text];
    }),
  );
}

// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../image/digest.ts';

/** A descriptor of the bytes, in the key order that go-containerregistry writes. */
export function describe(
  mediaType: string,
  bytes: Uint8Array,
): { readonly mediaType: string; readonly size: number; readonly digest: Digest } {
  return { mediaType, size: bytes.length, digest: digestOf(bytes) };
}

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

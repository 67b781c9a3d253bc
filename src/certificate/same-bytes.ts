// SPDX-License-Identifier: Apache-2.0

/** Whether the bytes are equal, none of them secret; what is not there equals nothing. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

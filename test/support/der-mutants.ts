// SPDX-License-Identifier: Apache-2.0
import { childrenOf, type DerValue, readDer } from '../../src/certificate/read-der.ts';

/** Bytes that differ from the true ones in one place, which the name says: `dropped 1.0.2`, by index from the outside. */
export type DerMutant = { readonly name: string; readonly der: Buffer };

type Way = (parts: readonly Uint8Array[], at: number) => readonly Uint8Array[];

const WAYS: Readonly<Record<string, Way>> = {
  dropped: (parts, at) => parts.toSpliced(at, 1),
  doubled: (parts, at) => parts.toSpliced(at, 0, ...parts.slice(at, at + 1)),
  swapped: (parts, at) => [
    ...parts.slice(0, at),
    ...parts.slice(at, at + 2).reverse(),
    ...parts.slice(at + 2),
  ],
  emptied: (parts, at) => parts.with(at, Buffer.of(parts[at]?.[0] ?? 0, 0)),
  nulled: (parts, at) => parts.toSpliced(at + 1, 0, Buffer.of(5, 0)),
};

/** Every value within the DER value left out, written twice, in place of its neighbour, emptied, or with a NULL behind it; lengths are put right. */
export function derMutants(der: Uint8Array): readonly DerMutant[] {
  return mutantsOf(readDer(der), '');
}

function mutantsOf(value: DerValue, path: string): DerMutant[] {
  if ((value.tag & 0x20) === 0) return [];
  const children = childrenOf(value);
  const parts = children.map(({ whole }) => whole);
  return children.flatMap((child, at) => {
    const here = `${path}${at}`;
    const changed = Object.entries(WAYS).map(([way, change]) => ({
      name: `${way} ${here}`,
      der: encode(value.tag, change(parts, at)),
    }));
    const within = mutantsOf(child, `${here}.`).map(({ name, der }) => ({
      name,
      der: encode(value.tag, parts.with(at, der)),
    }));
    return [...changed, ...within].filter(({ der }) => !der.equals(value.whole));
  });
}

function encode(tag: number, parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const digits = [length >> 16, length >> 8, length].map((part) => part & 0xff);
  while (digits[0] === 0) digits.shift();
  const long = length < 0x80 ? [length] : [0x80 | digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...long]), content]);
}

// SPDX-License-Identifier: Apache-2.0
import { childrenOf, DER, DerError, type DerValue, readDer } from '../../src/certificate/read-der.ts';

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

/**
 * Every value within the DER value left out, written twice, in place of its neighbour, emptied, or with a NULL behind it;
 * lengths are put right. `deep`: in what strings of bytes hold as well, whose last bits are flipped; and signatures in their other form.
 */
export function derMutants(der: Uint8Array, { deep = false } = {}): readonly DerMutant[] {
  return mutantsOf(readDer(der), '', deep);
}

function mutantsOf(value: DerValue, path: string, deep: boolean): DerMutant[] {
  if ((value.tag & 0x20) === 0) return deep ? mutantsInBytes(value, path) : [];
  return [...mutantsOfParts(value, path, deep), ...(deep ? otherSignatures(value, path) : [])];
}

function mutantsOfParts(value: DerValue, path: string, deep: boolean): DerMutant[] {
  const children = childrenOf(value);
  const parts = children.map(({ whole }) => whole);
  return children.flatMap((child, at) => {
    const here = `${path}${at}`;
    const changed = Object.entries(WAYS).map(([way, change]) => ({
      name: `${way} ${here}`,
      der: encode(value.tag, change(parts, at)),
    }));
    const within = mutantsOf(child, `${here}.`, deep).map(({ name, der }) => ({
      name,
      der: encode(value.tag, parts.with(at, der)),
    }));
    return [...changed, ...within].filter(({ der }) => !der.equals(value.whole));
  });
}

/** In the DER that a string of octets or bits holds, where it holds some; as its child 0. */
function mutantsInBytes(value: DerValue, path: string): DerMutant[] {
  const { tag, content, whole } = value;
  const skip = tag === DER.bitString ? 1 : 0;
  const inner = tag === DER.octetString || skip === 1 ? derIn(content.subarray(skip)) : undefined;
  if (inner === undefined) return content.length === 0 ? [] : [flipped(value, path)];
  return mutantsOf(inner, `${path}0.`, true)
    .map(({ name, der }) => ({ name, der: encode(tag, [content.subarray(0, skip), der]) }))
    .filter(({ der }) => !der.equals(whole));
}

function flipped({ tag, content }: DerValue, path: string): DerMutant {
  const bytes = Buffer.from(content);
  const last = bytes.length - 1;
  bytes.writeUInt8(bytes.readUInt8(last) ^ 1, last);
  return { name: `flipped ${path.slice(0, -1)}`, der: encode(tag, [bytes]) };
}

/** The numbers of points of P-256 and P-384. */
const ORDERS = [
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
];

/** ECDSA holds for s and for n - s alike: what looks like a signature has two forms. */
function otherSignatures(value: DerValue, path: string): DerMutant[] {
  const [r, s, ...rest] = childrenOf(value);
  if (r?.tag !== DER.integer || s?.tag !== DER.integer || rest.length > 0 || r.content.length < 24) return [];
  const number = BigInt(`0x${Buffer.from(s.content).toString('hex')}`);
  return ORDERS.filter((order) => number < order).map((order) => {
    const digits = (order - number).toString(16);
    const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
    const sign = bytes.readUInt8(0) < 0x80 ? [] : [Buffer.of(0)];
    const other = encode(DER.integer, [...sign, bytes]);
    return { name: `other-root ${path}1`, der: encode(value.tag, [r.whole, other]) };
  });
}

function derIn(bytes: Uint8Array): DerValue | undefined {
  if (bytes[0] !== DER.sequence && bytes[0] !== DER.octetString) return undefined;
  try {
    return readDer(bytes);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function encode(tag: number, parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const digits = [length >> 16, length >> 8, length].map((part) => part & 0xff);
  while (digits[0] === 0) digits.shift();
  const long = length < 0x80 ? [length] : [0x80 | digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...long]), content]);
}

// SPDX-License-Identifier: Apache-2.0

/** Writes DER (X.690), as much as a certificate needs: each function returns one whole value. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return encode(0x30, ...parts);
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return encode(0x31, ...parts);
}

/** A whole number that is not negative, most significant byte first. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.alloc(1) : bytes.subarray(first);
  const negative = (digits[0] ?? 0) >= 0x80;
  return encode(0x02, Buffer.alloc(negative ? 1 : 0), digits);
}

export function boolean(value: boolean): Buffer {
  return encode(0x01, Buffer.of(value ? 0xff : 0));
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encode(0x03, Buffer.of(unusedBits), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return encode(0x04, bytes);
}

export function utf8String(text: string): Buffer {
  return encode(0x0c, Buffer.from(text));
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). */
export function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050
    ? encode(0x17, Buffer.from(text.slice(2)))
    : encode(0x18, Buffer.from(text));
}

/** GeneralizedTime in Z; `fraction` are the digits after the second, which DER writes without zeros at the end. */
export function generalizedTime(date: Date, fraction = ''): Buffer {
  const digits = fraction.replace(/0+$/, '');
  const text = date.toISOString().replace(/[-:T]|\.\d+Z/g, '');
  return encode(0x18, Buffer.from(`${text}${digits === '' ? '' : `.${digits}`}Z`));
}

export function nullValue(): Buffer {
  return encode(0x05);
}

/** `[number]` around whole values: explicit, or implicit in place of the tag of a sequence or set of them. */
export function explicit(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return encode(0xa0 | number, ...parts);
}

/** `[number]` in place of a primitive value's own tag (implicit). */
export function implicit(number: number, bytes: Uint8Array): Buffer {
  return encode(0x80 | number, bytes);
}

/** The PEM text of DER bytes. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function encode(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.of(0x80 | digits.length), digits]);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

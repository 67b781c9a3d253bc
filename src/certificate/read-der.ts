// SPDX-License-Identifier: Apache-2.0

/**
 * One DER value: its identifier octet, and where it stands in the bytes that were read. A certificate has hundreds of
 * values, most of which are only passed by, so views into the bytes are made when they are asked for.
 */
export class DerValue {
  readonly tag: number;
  readonly bytes: Uint8Array;
  /** Indexes of the identifier octet, of the content, and behind the value. */
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;

  constructor(tag: number, bytes: Uint8Array, start: number, contentStart: number, end: number) {
    this.tag = tag;
    this.bytes = bytes;
    this.start = start;
    this.contentStart = contentStart;
    this.end = end;
  }

  get content(): Uint8Array {
    return this.bytes.subarray(this.contentStart, this.end);
  }

  get whole(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}

/** The identifier octets that certificates, timestamps and their signatures use. */
export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Thrown for bytes that are not the DER that was wanted; who reads turns it into an error with a code. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** The one DER value that the bytes are: nothing may follow it. */
export function readDer(bytes: Uint8Array): DerValue {
  return oneValue(bytes, 0, bytes.length);
}

/**
 * The values that stand side by side in a constructed value. Only this one level is read, so nesting costs
 * nothing before somebody looks into it.
 */
export function childrenOf(value: DerValue): readonly DerValue[] {
  if ((value.tag & 0x20) === 0) throw new DerError(`a value of tag ${value.tag} holds no others`);
  const values: DerValue[] = [];
  for (let at = value.contentStart; at < value.end; ) {
    const child = valueAt(value.bytes, at, value.end);
    values.push(child);
    at = child.end;
  }
  return values;
}

/** The one DER value that a value wraps as bytes, as the OCTET STRING of an extension does. */
export function wrappedIn({ bytes, contentStart, end }: DerValue): DerValue {
  return oneValue(bytes, contentStart, end);
}

function oneValue(bytes: Uint8Array, at: number, end: number): DerValue {
  const value = valueAt(bytes, at, end);
  if (value.end !== end) throw new DerError('bytes follow the value');
  return value;
}

/** The value, which must have this tag. */
export function expectTag(value: DerValue | undefined, tag: number, what: string): DerValue {
  if (value?.tag === tag) return value;
  throw new DerError(`found ${value === undefined ? 'nothing' : `tag ${value.tag}`}, wanted ${what}`);
}

/** An object identifier in dotted form (X.690 §8.19); arcs of more than 53 bits are refused. */
export function readOid(value: DerValue | undefined): string {
  const { bytes, contentStart, end } = expectTag(value, DER.oid, 'an object identifier');
  const last = contentStart === end ? undefined : bytes[end - 1];
  if (last === undefined || last >= 0x80) throw new DerError('an object identifier that does not end');
  let dotted = '';
  let arc = 0;
  for (let at = contentStart; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (arc === 0 && byte === 0x80) throw new DerError('an object identifier with padding');
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128)
      throw new DerError('an object identifier with a number too large');
    if (byte >= 0x80) continue;
    dotted += dotted === '' ? firstArcs(arc) : `.${arc}`;
    arc = 0;
  }
  return dotted;
}

/** X.690 §8.19.4: the first two are one number. */
function firstArcs(both: number): string {
  const first = Math.min(2, Math.floor(both / 40));
  return `${first}.${both - first * 40}`;
}

/** The bytes of a bit string without unused bits. */
export function readBits(value: DerValue | undefined): Uint8Array {
  const { content } = expectTag(value, DER.bitString, 'a bit string');
  if (content[0] !== 0) throw new DerError('a bit string that is not made of whole bytes');
  return content.subarray(1);
}

/** A boolean: DER knows two of them. */
export function readBoolean(value: DerValue): boolean {
  const { content } = expectTag(value, DER.boolean, 'a boolean');
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError('not a boolean');
  return content[0] === 0xff;
}

/** The bytes of an integer, two's complement, in its one shortest form. */
export function readInteger(value: DerValue | undefined): Uint8Array {
  const { content } = expectTag(value, DER.integer, 'an integer');
  const [first, second = 0] = content;
  if (first === undefined) throw new DerError('an integer without bytes');
  const isPadded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  if (content.length > 1 && isPadded) throw new DerError('an integer with padding');
  return content;
}

/** A small integer that is not negative. */
export function readSmallInteger(value: DerValue | undefined): number {
  const bytes = readInteger(value);
  if (bytes.length > 4 || (bytes[0] ?? 0) >= 0x80) throw new DerError('not a small number');
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** X.690 §10.1: definite lengths in their one shortest form; tags above 30 are in nothing that is read here. */
function valueAt(bytes: Uint8Array, at: number, end: number): DerValue {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > end) throw new DerError('a value is cut off');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of several bytes');
  if (first === 0x80) throw new DerError('a value without a length');
  const digits = first < 0x80 ? 0 : first & 0x7f;
  const length = digits === 0 ? first : longLength(bytes, at + 2, digits, end);
  const start = at + 2 + digits;
  if (start + length > end) throw new DerError('a value is cut off');
  return new DerValue(tag, bytes, at, start, start + length);
}

function longLength(bytes: Uint8Array, at: number, digits: number, end: number): number {
  if (digits > 4 || at + digits > end) throw new DerError('a length that cannot be');
  let length = 0;
  for (let index = 0; index < digits; index += 1) length = length * 256 + (bytes[at + index] ?? 0);
  if (length < 0x80 || bytes[at] === 0) throw new DerError('a length that is not in its shortest form');
  return length;
}

// SPDX-License-Identifier: Apache-2.0
import { DER, readDer } from '../../src/certificate/read-der.ts';
import { derMutants } from './der-mutants.ts';
import type { Mutant, Wanted } from './mutants.ts';

/** A text that is nothing else: longer, shorter, in other letters; a number, larger. */
export function* plainMutants(text: string, field: string): Generator<Mutant<string>> {
  const others: Record<string, string> = {
    'with a blank behind': `${text} `,
    'with a blank before': ` ${text}`,
    'with a NUL behind': `${text}\0`,
    'without its end': text.slice(0, -1),
    'without its start': text.slice(1),
    'upper case': text.toUpperCase(),
    'doubled within': text + text,
  };
  if (/^[0-9]+$/.test(text)) {
    Object.assign(others, {
      'one more': String(BigInt(text) + 1n),
      'leading zero': `0${text}`,
      minus: `-${text}`,
    });
  }
  for (const version of ['0.1', '0.2', '0.3'])
    others[`version ${version}`] = text.replace(/0\.[123]/, version);
  for (const [way, value] of Object.entries(others)) if (value !== text) yield { field, way, value };
}

/** Bytes: shorter, longer, empty; and each value in them, where they are DER. */
export function* byteMutants(bytes: Buffer, field: string, wanted: Wanted): Generator<Mutant<Buffer>> {
  if (wanted.der) {
    if (isDer(bytes) && wanted.isNew(bytes, field)) yield* derFieldMutants(bytes, field);
    return;
  }
  const last = bytes.length - 1;
  yield { field, way: 'without its first byte', value: bytes.subarray(1) };
  yield { field, way: 'without its last byte', value: bytes.subarray(0, -1) };
  yield { field, way: 'with a byte behind', value: Buffer.concat([bytes, Buffer.of(0)]) };
  yield { field, way: 'with a byte before', value: Buffer.concat([Buffer.of(0), bytes]) };
  yield { field, way: 'twice', value: Buffer.concat([bytes, bytes]) };
  for (const [way, index] of [
    ['first', 0],
    ['middle', last >> 1],
    ['last', last],
  ] as const) {
    const value = Buffer.from(bytes);
    value.writeUInt8(value.readUInt8(index) ^ 1, index);
    yield { field, way: `${way} byte flipped`, value };
  }
}

function* derFieldMutants(bytes: Uint8Array, field: string): Generator<Mutant<Buffer>> {
  for (const { name, der } of derMutants(bytes, { deep: true })) {
    const [way = '', path = ''] = name.split(' ');
    yield { field: `${field}/(der)/${path.replaceAll('.', '/')}`, way, value: der };
  }
}

function isDer(bytes: Uint8Array): boolean {
  if (bytes[0] !== DER.sequence) return false;
  try {
    return readDer(bytes).whole.length === bytes.length;
  } catch {
    return false;
  }
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/g;

/** Certificates in PEM: each, their order, and the text around them. */
export function* pemMutants(text: string, field: string, wanted: Wanted): Generator<Mutant<string>> {
  const blocks = text.match(BLOCK) ?? [];
  for (const [index, block] of blocks.entries()) {
    const here = `${field}/${index}`;
    const join = (...instead: string[]) => blocks.toSpliced(index, 1, ...instead).join('');
    const der = Buffer.from(block.replace(/-----[^-]*-----/g, ''), 'base64');
    for (const { value, ...rest } of byteMutants(der, here, wanted))
      yield { ...rest, value: join(pemOf(value)) };
    if (wanted.der) continue;
    yield { field: here, way: 'dropped', value: join() };
    yield { field: here, way: 'doubled', value: join(block, block) };
    if (index > 0)
      yield {
        field: here,
        way: 'swapped',
        value: blocks.toSpliced(index - 1, 2, block, blocks[index - 1] ?? '').join(''),
      };
  }
  if (wanted.der) return;
  const written = {
    CRLF: text.replaceAll('\n', '\r\n'),
    'no line end': text.trimEnd(),
    'more line ends': `${text}\n\n`,
    'words before': `subject=x\n${text}`,
    'words behind': `${text}subject=x\n`,
    'another label': text.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
    'a key behind': `${text}-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n`,
    'long lines': blocks
      .map((block) => pemOf(Buffer.from(block.replace(/-----[^-]*-----/g, ''), 'base64')))
      .join(''),
  };
  for (const [way, value] of Object.entries(written))
    if (value !== text) yield { field: `${field}/(pem)`, way, value };
}

function pemOf(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
}

const OTHERS = { der: false } as const;

const WITNESS = `\u2014 witness.test ${Buffer.alloc(76, 7).toString('base64')}`;

/** A signed checkpoint: each line, its parts, their order, and what else can stand there. */
export function* checkpointMutants(text: string, field: string): Generator<Mutant<string>> {
  const [note = '', block = ''] = text.split('\n\n');
  const [lines, signatures] = [note.split('\n'), block.split('\n').slice(0, -1)];
  const join = (head: readonly string[], tail: readonly string[]) =>
    `${head.join('\n')}\n\n${tail.join('\n')}\n`;
  for (const [index, line] of lines.entries()) {
    for (const { value, ...rest } of lineMutants(lines, index, plainMutants(line, '')))
      yield { ...rest, field: `${field}/note/${index}`, value: join(value, signatures) };
  }
  for (const [index, line] of signatures.entries()) {
    for (const { value, ...rest } of lineMutants(signatures, index, signatureMutants(line)))
      yield { way: rest.way, field: `${field}/signatures/${index}${rest.field}`, value: join(lines, value) };
  }
  yield { field: `${field}/note`, way: 'a line behind', value: join([...lines, 'x'], signatures) };
  yield { field: `${field}/signatures`, way: 'another behind', value: join(lines, [...signatures, WITNESS]) };
  yield { field: `${field}/signatures`, way: 'another before', value: join(lines, [WITNESS, ...signatures]) };
  yield { field, way: 'no line end', value: text.slice(0, -1) };
  yield { field, way: 'CRLF', value: text.replaceAll('\n', '\r\n') };
  yield { field, way: 'two empty lines', value: text.replace('\n\n', '\n\n\n') };
  yield { field, way: 'an empty line behind', value: `${text}\n` };
}

function* lineMutants(
  lines: readonly string[],
  index: number,
  others: Iterable<Mutant<string>>,
): Generator<Mutant<readonly string[]>> {
  yield { field: '', way: 'dropped', value: lines.toSpliced(index, 1) };
  yield { field: '', way: 'doubled', value: lines.toSpliced(index, 0, lines[index] ?? '') };
  if (index > 0)
    yield {
      field: '',
      way: 'swapped',
      value: lines.toSpliced(index - 1, 2, lines[index] ?? '', lines[index - 1] ?? ''),
    };
  for (const { value, ...rest } of others) yield { ...rest, value: lines.with(index, value) };
}

function* signatureMutants(line: string): Generator<Mutant<string>> {
  const [dash = '', name = '', base64 = ''] = line.split(' ');
  const bytes = Buffer.from(base64, 'base64');
  const put = (n: string, b: Uint8Array) => `${dash} ${n} ${Buffer.from(b).toString('base64')}`;
  for (const { value, ...rest } of plainMutants(name, '/name')) yield { ...rest, value: put(value, bytes) };
  yield { field: '/name', way: 'another', value: put('evil.test', bytes) };
  for (const { value, ...rest } of byteMutants(bytes.subarray(0, 4), '/hint', OTHERS))
    yield { ...rest, value: put(name, Buffer.concat([value, bytes.subarray(4)])) };
  for (const { value, ...rest } of byteMutants(bytes.subarray(4), '/signature', OTHERS))
    yield { ...rest, value: put(name, Buffer.concat([bytes.subarray(0, 4), value])) };
  yield { field: '/dash', way: 'hyphen', value: `- ${name} ${base64}` };
  yield { field: '/dash', way: 'two blanks', value: `${dash}  ${name} ${base64}` };
  yield { field: '/more', way: 'a word behind', value: `${line} x` };
}

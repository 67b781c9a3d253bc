// SPDX-License-Identifier: Apache-2.0
import type { DifferentialCase } from './case.ts';
import { made } from './made.ts';

/** Other ways to write the same bundle, or one that says two things. */
const TEXTS: Readonly<Record<string, (text: string) => string>> = {
  'written with spaces': (text) => JSON.stringify(JSON.parse(text), null, 2),
  'a space behind the JSON': (text) => `${text}\n`,
  'something behind the JSON': (text) => `${text}{}`,
  'a byte order mark': (text) => `\uFEFF${text}`,
  'names as in the protobuf': (text) => text.replace('"verificationMaterial"', '"verification_material"'),
  'both names of a member': (text) => text.replace('{', '{"verification_material":{},'),
  'a member twice': (text) => text.replace('{', '{"verificationMaterial":{},'),
  'a name in other letters': (text) => text.replace('"verificationMaterial"', '"VerificationMaterial"'),
  'a number for a text of digits': (text) => text.replace(/"treeSize":"(\d+)"/, '"treeSize":$1'),
  'a number with a fraction': (text) => text.replace(/"treeSize":"(\d+)"/, '"treeSize":$1.0'),
  'a text of digits with a sign': (text) => text.replace(/"treeSize":"(\d+)"/, '"treeSize":"+$1"'),
  'base64 for URLs': (text) => inSignature(text, (sig) => sig.replaceAll('+', '-').replaceAll('/', '_')),
  'base64 without padding': (text) => inSignature(text, (sig) => sig.replace(/=+$/, '')),
  'base64 with a line end': (text) => inSignature(text, (sig) => withLineEnds(padded(sig), 1)),
  'base64 with four line ends': (text) => inSignature(text, (sig) => withLineEnds(padded(sig), 4)),
  'base64 with a character that is none': (text) =>
    inSignature(text, (sig) => `${sig.slice(0, 8)}*${sig.slice(8)}`),
  'a null for what may be absent': (text) => text.replace('{', '{"messageSignature":null,'),
};

/** Each of {@link TEXTS}, of a statement. */
export function textCases(): readonly DifferentialCase[] {
  return Object.entries(TEXTS).map(([name, change]) => changedCase(`text: ${name}`, change));
}

/** Of a bundle in which there is something to change: not every signature has a `+` or ends with `=`. */
function changedCase(name: string, change: (text: string) => string): DifferentialCase {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const one = made(name, { content: 'statement', log: 'v1' });
    const text = Buffer.from(one.bundle).toString();
    const changed = change(text);
    if (changed !== text) return { ...one, bundle: Buffer.from(changed) };
  }
  throw new Error(`${name}: nothing to change`);
}

/**
 * One that ends with `=`, else nothing, so that another bundle is made: where a client of Go takes line ends for nothing, it
 * looks for padding by the length of the text with them, so that what it says would be chance.
 */
const padded = (sig: string) => (sig.endsWith('=') ? sig : undefined);

function withLineEnds(sig: string | undefined, count: number): string | undefined {
  return sig === undefined ? undefined : `${sig.slice(0, 8)}${'\\n'.repeat(count)}${sig.slice(8)}`;
}

/** The text as it is, where the change gives nothing. */
function inSignature(text: string, change: (sig: string) => string | undefined): string {
  return text.replace(/"sig":"([^"]+)"/, (_, sig: string) => `"sig":"${change(sig) ?? sig}"`);
}

// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import type { HashName, VerificationKey } from './compiled-policy.ts';
import type { Path } from './issue.ts';
import { type PublicKey, parsePublicKey } from './key.ts';
import { hasKey, isMapping, pairsOf, textAt, valueAt } from './raw.ts';
import type { Problem } from './schema-problem.ts';
import { parseMoment } from './time.ts';

/** Where a second key belongs in a policy. */
const SEVERAL = 'several keys of one signer are a list: key: [{…}, {…}]';

/** Reads a file that a policy names, by the name it has there. May throw; the message ends up in the issue. */
export type ReadFile = (name: string) => string;

/** The keys that could be read, by signer, and what is wrong with the others. */
export type SignerKeys = {
  readonly keys: ReadonlyMap<string, readonly VerificationKey[]>;
  readonly problems: readonly Problem[];
};

/** Makes the keys of all signers of a document, which need not be checked yet. */
export function loadSignerKeys(document: unknown, readFile: ReadFile): SignerKeys {
  const keys = new Map<string, VerificationKey[]>();
  const problems: Problem[] = [];
  for (const [name, signer] of pairsOf(valueAt(document, 'signers'))) {
    const results = keyEntries(signer, ['signers', name, 'key']).map((entry) => loadKey(entry, readFile));
    keys.set(
      name,
      results.flatMap((result) => result.key ?? []),
    );
    problems.push(...results.flatMap((result) => result.problems));
  }
  return { keys, problems };
}

type Entry = { readonly value: unknown; readonly path: Path };
type Loaded = { readonly key?: VerificationKey; readonly problems: readonly Problem[] };

function keyEntries(signer: unknown, path: Path): Entry[] {
  const value = valueAt(signer, 'key');
  if (!Array.isArray(value)) return isMapping(value) ? [{ value, path }] : [];
  // The schema reports a list that is too long; its files need not all be read for that.
  const entries = value
    .slice(0, LIMITS.keysPerSigner)
    .map((entry, index) => ({ value: entry, path: [...path, index] }));
  return entries.filter((entry) => isMapping(entry.value));
}

function loadKey(entry: Entry, readFile: ReadFile): Loaded {
  const window = readWindow(entry);
  const problems = [...checkMaterial(entry), ...window.problems];
  const found = problems.length > 0 && !isOneOf(entry) ? undefined : readKey(entry, readFile);
  if (found === undefined) return { problems };
  if ('path' in found) return { problems: [...problems, found] };
  const hash = textAt(entry.value, 'hash') as HashName | undefined;
  const mismatch = checkHash(found, hash, entry.path);
  const key = {
    ...found,
    ...(hash && { hash }),
    ...window.times,
    source: textAt(entry.value, 'file') ?? 'inline',
  };
  return { key, problems: [...problems, ...mismatch] };
}

function isOneOf({ value }: Entry): boolean {
  return hasKey(value, 'file') !== hasKey(value, 'pem');
}

function checkMaterial(entry: Entry): Problem[] {
  if (isOneOf(entry)) return [];
  const both = hasKey(entry.value, 'file');
  const message = both ? 'a key has file or pem, not both' : 'a key needs file, or pem';
  return [{ path: entry.path, message }];
}

/** The key, or the problem with it; `undefined` where the schema has said already what is wrong. */
function readKey({ value, path }: Entry, readFile: ReadFile): PublicKey | Problem | undefined {
  const step = hasKey(value, 'file') ? 'file' : 'pem';
  const text = textAt(value, step);
  if (text === undefined || (step === 'file' && text === '')) return undefined;
  const at = (message: string): Problem => ({ path: [...path, step], message });
  const content = step === 'pem' ? text : attempt(() => readFile(text));
  if (content instanceof Error) return at(unreadable(text, content));
  const key = attempt(() => parsePublicKey(content, SEVERAL));
  if (!(key instanceof Error)) return key;
  return at(step === 'file' ? `${quote(text)}: ${key.message}` : key.message);
}

/** The path is said once: what reads the file may say it already, as it was looked for. */
function unreadable(file: string, error: Error): string {
  const isSaid = error instanceof CountersignError && error.code === 'FILE_UNREADABLE';
  return isSaid ? error.message : `cannot read ${quote(file)}: ${error.message}`;
}

function attempt<T>(action: () => T): T | Error {
  try {
    return action();
  } catch (error) {
    return error instanceof Error ? error : new CountersignError('INTERNAL_ERROR', String(error));
  }
}

/** Ed25519 has no hash of its own; Ed25519ph is SHA-512 by definition (RFC 8032, section 5.1). */
function checkHash(key: PublicKey, hash: HashName | undefined, path: Path): Problem[] {
  if (key.key.asymmetricKeyType !== 'ed25519' || hash === undefined || hash === 'sha512') return [];
  return [
    { path: [...path, 'hash'], message: `found ${quote(hash)}; an Ed25519 key has no hash but sha512` },
  ];
}

function readWindow({ value, path }: Entry) {
  const notBefore = parseMoment(textAt(value, 'notBefore') ?? '', 'start');
  const notAfter = parseMoment(textAt(value, 'notAfter') ?? '', 'end');
  const times = {
    ...(notBefore !== undefined && { notBefore }),
    ...(notAfter !== undefined && { notAfter }),
  };
  const inOrder = notBefore === undefined || notAfter === undefined || notBefore < notAfter;
  const message = 'notAfter is not after notBefore, so the key would never be trusted';
  return { times, problems: inOrder ? [] : [{ path: [...path, 'notAfter'], message }] };
}

// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createTestKey, signWith, type TestKey } from '../keys.ts';
import { spkiOf } from './x509.ts';

/** Who signs a checkpoint: a name, and the 4 bytes by which the line says which key. */
export type NoteSigner = { readonly name: string; readonly key: TestKey; readonly hint: Buffer };

export type CheckpointContent = {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Further lines of the note: Rekor v1 once wrote `Timestamp: …`. */
  readonly extra?: readonly string[];
};

/** How a checkpoint is to be decorated. */
export type CheckpointOptions = {
  /** Lines of the note after the root hash. */
  readonly extra?: readonly string[];
  /** How many witnesses cosign. Default none. */
  readonly witnesses?: number;
  /** Whether the lines of the witnesses stand before that of the log. */
  readonly witnessesFirst?: boolean;
};

/** The text that the log signs: origin, size and root (c2sp.org/tlog-checkpoint). */
export function checkpointNote({ origin, size, root, extra = [] }: CheckpointContent): string {
  return [origin, size, Buffer.from(root).toString('base64'), ...extra, ''].join('\n');
}

/** A signed note (c2sp.org/signed-note): the text, an empty line, and a line for each signature. */
export function signNote(
  note: string,
  signer: NoteSigner,
  time: number,
  { witnesses = 0, witnessesFirst = false }: CheckpointOptions = {},
): string {
  const own = [noteLine(signer, signWith(signer.key, Buffer.from(note)))];
  const others = Array.from({ length: witnesses }, (_, at) => cosign(note, `witness-${at}.test`, time));
  const lines = witnessesFirst ? [...others, ...own] : [...own, ...others];
  return `${note}\n${lines.join('')}`;
}

/** One signature line. */
export function noteLine({ name, hint }: Pick<NoteSigner, 'name' | 'hint'>, signature: Uint8Array): string {
  return `\u2014 ${name} ${Buffer.concat([hint, signature]).toString('base64')}\n`;
}

/** The id of a key in signed notes, whole; lines carry its first 4 bytes. */
export function noteKeyId(name: string, key: Pick<TestKey, 'kind' | 'publicKey'>): Buffer {
  const spki = spkiOf(key.publicKey);
  const hash = createHash('sha256');
  if (key.kind === 'ed25519') return ed25519KeyId(name, 1, spki);
  if (key.kind.startsWith('ecdsa')) return hash.update(spki).digest();
  return hash.update(`${name}\n\xff`, 'latin1').update('PKIX-RSA-PKCS#1v1.5').update(spki).digest();
}

/** The signature of a witness over checkpoint and time (c2sp.org/tlog-cosignature), by a key of its own. */
function cosign(note: string, name: string, time: number): string {
  const key = createTestKey('ed25519');
  const seconds = Math.floor(time / 1000);
  const signature = signWith(key, Buffer.from(`cosignature/v1\ntime ${seconds}\n${note}`));
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(seconds));
  const hint = ed25519KeyId(name, 4, spkiOf(key.publicKey)).subarray(0, 4);
  return noteLine({ name, hint }, Buffer.concat([stamp, signature]));
}

function ed25519KeyId(name: string, type: number, spki: Buffer): Buffer {
  const raw = spki.subarray(-32);
  return createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(raw).digest();
}

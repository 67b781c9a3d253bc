// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import type { InclusionProof, LogEntry } from '../../src/verify/sigstore/log-entry.ts';
import type { TrustedLog } from '../../src/verify/trust-root.ts';

/** When test logs take entries, and when they are trusted: seconds since the epoch. */
export const LOGGED_AT = 1_700_000_000n;
const WINDOW = { from: 1_690_000_000_000, until: 1_710_000_000_000 };

const sha256 = (...parts: readonly Uint8Array[]) =>
  parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest();

/** A Merkle tree, straight from the definitions of RFC 9162 §2.1. */
export function merkleTree(leaves: readonly Uint8Array[]) {
  const known = new Map<string, Buffer>();
  const headOf = (from: number, to: number): Buffer => {
    const range = `${from} ${to}`;
    const head = known.get(range) ?? computeHead(from, to);
    known.set(range, head);
    return head;
  };
  const computeHead = (from: number, to: number): Buffer => {
    if (to - from === 1) return sha256(Buffer.of(0), leaves[from] ?? Buffer.alloc(0));
    const middle = split(from, to);
    return sha256(Buffer.of(1), headOf(from, middle), headOf(middle, to));
  };
  const pathTo = (index: number, from: number, to: number): Buffer[] => {
    if (to - from === 1) return [];
    const middle = split(from, to);
    return index < middle
      ? [...pathTo(index, from, middle), headOf(middle, to)]
      : [...pathTo(index, middle, to), headOf(from, middle)];
  };
  return {
    root: (size = leaves.length) => headOf(0, size),
    path: (index: number, size = leaves.length) => pathTo(index, 0, size),
  };
}

/** The largest power of two below the number of leaves stands left. */
function split(from: number, to: number): number {
  let left = 1;
  while (left * 2 < to - from) left *= 2;
  return from + left;
}

type Kind = 'ec' | 'ed25519' | 'rsa';

export function newKey(kind: Kind, curve = 'P-256'): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === 'ec') return generateKeyPairSync('ec', { namedCurve: curve });
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ed25519');
}

export type TestLog = ReturnType<typeof createTestLog>;

/** A log with a key of its own: Rekor v1 with ECDSA, or v2 with Ed25519, where nothing else is said. */
export function createTestLog(
  version: 1 | 2,
  kind: Kind = version === 1 ? 'ec' : 'ed25519',
  host = 'log.test',
) {
  const { publicKey, privateKey } = newKey(kind);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const hinted = version === 1 ? spki : noteKey(kind, host, spki);
  const id = hash('sha256', hinted, 'hex');
  const trusted: TrustedLog = {
    id,
    key: publicKey,
    spki,
    keyDetails: '',
    window: WINDOW,
    baseUrl: `https://${host}:8080/api`,
  };
  const hint = Buffer.from(id, 'hex').subarray(0, 4);
  const origin = version === 1 ? `${host} - 17` : host;
  const signBytes = (bytes: Uint8Array) => sign(kind === 'ed25519' ? null : 'sha256', bytes, privateKey);

  const signatureLine = (text: string, name = host, by = hint) =>
    `— ${name} ${Buffer.concat([by, signBytes(Buffer.from(text))]).toString('base64')}\n`;
  const checkpointText = (size: number | bigint, root: Uint8Array, from = origin) =>
    `${from}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
  const checkpoint = (text: string, ...lines: readonly string[]) =>
    `${text}\n${(lines.length > 0 ? lines : [signatureLine(text)]).join('')}`;

  /** The proof of this body among as many others. */
  const prove = (body: Uint8Array, index = 5, size = 11): InclusionProof => {
    const leaves = Array.from({ length: size }, (_, at) => (at === index ? body : Buffer.from(`leaf ${at}`)));
    const tree = merkleTree(leaves);
    return {
      logIndex: BigInt(index),
      treeSize: BigInt(size),
      rootHash: tree.root(),
      hashes: tree.path(index),
      checkpoint: checkpoint(checkpointText(size, tree.root())),
    };
  };

  const promise = (body: Uint8Array, logIndex: bigint, integratedTime = LOGGED_AT) => {
    const payload = { body: Buffer.from(body).toString('base64') };
    const [head] = JSON.stringify(payload).split('}');
    return signBytes(
      Buffer.from(`${head},"integratedTime":${integratedTime},"logID":"${id}","logIndex":${logIndex}}`),
    );
  };

  /** An entry as this log gives it: with promise and proof in v1, with a proof in v2. */
  const entryOf = (body: Uint8Array): LogEntry =>
    version === 2
      ? { logId: id, logIndex: 5n, body, proof: prove(body) }
      : {
          logId: id,
          logIndex: 1005n,
          integratedTime: LOGGED_AT,
          body,
          promise: promise(body, 1005n),
          proof: prove(body),
        };

  return { trusted, host, hint, origin, signatureLine, checkpointText, checkpoint, prove, promise, entryOf };
}

function noteKey(kind: Kind, host: string, spki: Buffer): Buffer {
  if (kind === 'ec') return spki;
  const [type, key] = kind === 'rsa' ? ['\u00ffPKIX-RSA-PKCS#1v1.5', spki] : ['\u0001', spki.subarray(-32)];
  return Buffer.concat([Buffer.from(`${host}\n${type}`, 'latin1'), key]);
}

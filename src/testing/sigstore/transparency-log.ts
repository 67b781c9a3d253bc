// SPDX-License-Identifier: Apache-2.0
import { createTestKey, signWith, type TestKey, type TestKeyKind } from '../keys.ts';
import { type CheckpointOptions, checkpointNote, noteKeyId, signNote } from './checkpoint.ts';
import type { EntryKind } from './entry-body.ts';
import { createMerkleTree, type MerkleProof, proveInVirtualTree } from './merkle.ts';

/** An entry as its log hands it out. */
export type TestLogEntry = {
  readonly kind: EntryKind;
  readonly body: Buffer;
  readonly logId: Buffer;
  /** Of Rekor v1 the global index: another than that of the proof, since the log has had several trees. */
  readonly logIndex: bigint;
  /** Seconds since the epoch; Rekor v2 says none. */
  readonly integratedTime?: number;
  /** The signed entry timestamp of Rekor v1. */
  readonly promise?: Buffer | undefined;
  readonly proof?:
    | {
        readonly logIndex: bigint;
        readonly treeSize: bigint;
        readonly rootHash: Buffer;
        readonly hashes: readonly Buffer[];
        readonly checkpoint: string;
      }
    | undefined;
};

export type AppendOptions = CheckpointOptions & {
  /** When it was logged, milliseconds. */
  readonly time: number;
  /** A place in a tree of any size, of which nothing else exists. Default: the log's own tree grows by one. */
  readonly tree?: { readonly index: bigint; readonly size: bigint };
};

/** A transparency log: Rekor. */
export type TestLog = {
  readonly version: 'v1' | 'v2';
  readonly key: TestKey;
  /** By which entries and trust roots name the log. */
  readonly id: Buffer;
  readonly baseUrl: string;
  readonly host: string;
  /** The first line of its checkpoints. */
  readonly origin: string;
  append(kind: EntryKind, body: Buffer, options: AppendOptions): TestLogEntry;
  /** A checkpoint of any tree, truly signed. */
  checkpoint(proof: Pick<MerkleProof, 'size' | 'root'>, options: AppendOptions): string;
  /** The signature over body, time, id and index (Rekor v1). */
  promise(entry: Pick<TestLogEntry, 'body' | 'logIndex' | 'integratedTime'>): Buffer;
};

export type TestLogOptions = {
  readonly version: 'v1' | 'v2';
  /** A host name: origin of the checkpoints. */
  readonly host: string;
  /** Default: `ecdsa-p256` for v1, `ed25519` for v2. */
  readonly keyKind?: TestKeyKind;
  /** The id of another log, which it says it is. Default: that of its key. */
  readonly claimedId?: Buffer;
};

/** How many entries Rekor v1 had in the trees before this one. */
const EARLIER_ENTRIES = 4_163_431n;
const TREE_ID = '2605736670972794746';
/** Entries that stand in the tree before the first one of the test. */
const OTHERS = 5;

/** Makes a log with a key and a Merkle tree of its own. */
export function createTestLog({ version, host, keyKind, claimedId }: TestLogOptions): TestLog {
  const key = createTestKey(keyKind ?? (version === 'v1' ? 'ecdsa-p256' : 'ed25519'));
  const tree = createMerkleTree(OTHERS);
  const id = claimedId ?? noteKeyId(host, key);
  const log: TestLog = {
    version,
    key,
    id,
    baseUrl: `https://${host}`,
    host,
    origin: version === 'v1' ? `${host} - ${TREE_ID}` : host,
    append: (kind, body, options) => {
      const place = options.tree;
      const proof = place ? proveInVirtualTree(body, place.index, place.size) : tree.append(body);
      return enter(log, kind, body, proof, options);
    },
    checkpoint: ({ size, root }, options) => {
      const note = checkpointNote({ origin: log.origin, size, root, extra: options.extra ?? [] });
      return signNote(note, { name: host, key, hint: id.subarray(0, 4) }, options.time, options);
    },
    promise: ({ body, logIndex, integratedTime = 0 }) => {
      // RFC 8785: the keys in this order, the numbers plain.
      const payload =
        `{"body":"${body.toString('base64')}","integratedTime":${integratedTime},` +
        `"logID":"${id.toString('hex')}","logIndex":${logIndex}}`;
      return signWith(key, Buffer.from(payload));
    },
  };
  return log;
}

function enter(
  log: TestLog,
  kind: EntryKind,
  body: Buffer,
  proof: MerkleProof,
  options: AppendOptions,
): TestLogEntry {
  const entry = {
    kind,
    body,
    logId: log.id,
    logIndex: log.version === 'v1' ? EARLIER_ENTRIES + proof.index : proof.index,
    proof: {
      logIndex: proof.index,
      treeSize: proof.size,
      rootHash: proof.root,
      hashes: proof.hashes,
      checkpoint: log.checkpoint(proof, options),
    },
  };
  if (log.version === 'v2') return entry;
  const integrated = { ...entry, integratedTime: Math.floor(options.time / 1000) };
  return { ...integrated, promise: log.promise(integrated) };
}

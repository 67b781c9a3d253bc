// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Key,
  Metadata,
  MetaFile,
  Root,
  Signature,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from '@tufjs/models';

type Role = 'root' | 'timestamp' | 'snapshot' | 'targets';
type Signed = ConstructorParameters<typeof Metadata<Root | Timestamp | Snapshot | Targets>>[0];
type SigningKey = { readonly key: Key; readonly sign: (data: Buffer) => Signature };

const FAR = '2040-01-01T00:00:00Z';

/** What {@link TufRepository.publish} writes otherwise than it should. */
type Odd = {
  /** When the metadata of a role end. */
  readonly expires?: Partial<Record<Role, string>>;
  /** Versions instead of the next. */
  readonly versions?: Partial<Record<Role, number>>;
  /** Bytes that are served in the place of those that were hashed. */
  readonly served?: Buffer;
  /** The length of the target as the metadata claim it. */
  readonly length?: number;
  /** A role that a stranger signs. */
  readonly forged?: Role;
};

/** A TUF repository in memory, by the rules of TUF 1.0 with consistent snapshots. */
export type TufRepository = {
  /** The first root metadata. */
  readonly root: Buffer;
  /** By path, as they are served. */
  readonly files: Map<string, Buffer>;
  /** The next version of everything but the root, with this target. */
  publish(target: Buffer, odd?: Odd): void;
  /** The next root, with other keys for all roles; a stranger's is not signed by the one before. */
  rotate(how?: 'rightly' | 'as a stranger' | 'two versions on' | 'expired'): void;
};

/** A repository with one target of this name. */
export function createTufRepository(targetName = 'trusted_root.json'): TufRepository {
  const files = new Map<string, Buffer>();
  const versions: Record<Role, number> = { root: 1, timestamp: 0, snapshot: 0, targets: 0 };
  let keys = newKeys();
  const root = rootOf(1, keys, [keys.root]);
  files.set('1.root.json', root);

  return {
    root,
    files,
    publish(target, odd = {}) {
      for (const role of ['timestamp', 'snapshot', 'targets'] as const) {
        versions[role] = odd.versions?.[role] ?? versions[role] + 1;
      }
      const common = (role: Role) => ({
        version: versions[role],
        specVersion: '1.0.31',
        expires: odd.expires?.[role] ?? FAR,
      });
      const by = (role: Role) => (odd.forged === role ? newKey('ed25519') : keys[role]);
      const hash = createHash('sha256').update(target).digest('hex');
      const info = { path: targetName, length: odd.length ?? target.length, hashes: { sha256: hash } };
      const targets = { [targetName]: new TargetFile(info) };
      const targetsFile = signed(new Targets({ ...common('targets'), targets }), [by('targets')]);
      const meta = { 'targets.json': metaFile(versions.targets, targetsFile) };
      const snapshotFile = signed(new Snapshot({ ...common('snapshot'), meta }), [by('snapshot')]);
      const snapshotMeta = metaFile(versions.snapshot, snapshotFile);
      files.set(`targets/${hash}.${targetName}`, odd.served ?? target);
      files.set(`${versions.targets}.targets.json`, targetsFile);
      files.set(`${versions.snapshot}.snapshot.json`, snapshotFile);
      files.set(
        'timestamp.json',
        signed(new Timestamp({ ...common('timestamp'), snapshotMeta }), [by('timestamp')]),
      );
    },
    rotate(how = 'rightly') {
      const before = keys;
      keys = newKeys();
      versions.root += 1;
      const version = how === 'two versions on' ? versions.root + 1 : versions.root;
      const signers = how === 'as a stranger' ? [keys.root] : [before.root, keys.root];
      const expires = how === 'expired' ? '2020-01-01T00:00:00Z' : FAR;
      files.set(`${versions.root}.root.json`, rootOf(version, keys, signers, expires));
    },
  };
}

function newKeys(): Record<Role, SigningKey> {
  return {
    root: newKey('ec'),
    timestamp: newKey('ed25519'),
    snapshot: newKey('ed25519'),
    targets: newKey('ec'),
  };
}

function newKey(kind: 'ec' | 'ed25519'): SigningKey {
  const pair: { publicKey: KeyObject; privateKey: KeyObject } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const [keyType, scheme] = kind === 'ec' ? ['ecdsa', 'ecdsa-sha2-nistp256'] : ['ed25519', 'ed25519'];
  const keyID = createHash('sha256').update(pem).digest('hex');
  return {
    key: new Key({ keyID, keyType, scheme, keyVal: { public: pem } }),
    sign: (data) => {
      const sig = sign(kind === 'ec' ? 'sha256' : null, data, pair.privateKey).toString('hex');
      return new Signature({ keyID, sig });
    },
  };
}

function rootOf(
  version: number,
  keys: Record<Role, SigningKey>,
  signers: readonly SigningKey[],
  expires = FAR,
): Buffer {
  const root = new Root({ version, specVersion: '1.0.31', expires, consistentSnapshot: true });
  for (const [role, { key }] of Object.entries(keys)) root.addKey(key, role);
  return signed(root, signers);
}

function signed(content: Signed, signers: readonly SigningKey[]): Buffer {
  const metadata = new Metadata(content);
  for (const signer of signers) metadata.sign(signer.sign, true);
  return Buffer.from(JSON.stringify(metadata.toJSON()));
}

function metaFile(version: number, bytes: Buffer): MetaFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return new MetaFile({ version, length: bytes.length, hashes: { sha256 } });
}

/** What a server does instead of answering with the file. */
export type Twist = (path: string, response: ServerResponse) => boolean;

/** Serves these files on loopback, below `/tuf`. `twist` may answer first. */
export async function serveTuf(files: ReadonlyMap<string, Buffer>) {
  const requests: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]> }[] = [];
  let twist: Twist = () => false;
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/^\/tuf\//, ''));
    requests.push({ path, headers: request.headers });
    if (twist(path, response)) return;
    const file = files.get(path);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    mirror: `http://127.0.0.1:${port}/tuf`,
    requests,
    twist(next: Twist) {
      twist = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

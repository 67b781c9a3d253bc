// SPDX-License-Identifier: Apache-2.0
import { disk, type Files } from '../config/files.ts';
import type { Config } from '../config/index.ts';
import {
  PUBLIC_GOOD_TUF,
  type TrustRootConfig,
  type TrustRootFilePaths,
  type TufConfig,
} from '../config/trust-root-config.ts';
import { asCountersignError, CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { parseTrustRoot, type TrustRoot, type TrustRoots, trustRootOfFiles } from '../verify/index.ts';
import { checkRootNames } from './needed-roots.ts';
import type { TufSource } from './refresh.ts';
import { publicGoodSeed } from './seed.ts';
import { snapshotOf } from './snapshot.ts';
import { isRootMetadata, versionOf } from './tuf-metadata.ts';
import { openTufStore } from './tuf-store.ts';

/** What loading works with. */
export type TrustSurroundings = {
  readonly files?: Files;
  /** Where roots of TUF repositories are kept; absent: nowhere. */
  readonly cacheFolder?: string | undefined;
};

/** From where a trust root was read. */
export type TrustRootPlace =
  | { readonly kind: 'broughtAlong' }
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  /** What was kept of a TUF repository; `refreshedAt` is in ms since the epoch, 0 where that does not say. */
  | { readonly kind: 'kept'; readonly mirror: string; readonly refreshedAt: number };

/** A trust root, and from where it is. */
export type FoundTrustRoot = { readonly root: TrustRoot; readonly place: TrustRootPlace };

/**
 * Loads these trust roots of the Config, by default all, from disk and from what Countersign brings along. Asks no network:
 * a TUF repository gives what was kept of it last, and its root is left out of the answer where nothing was. Frozen.
 *
 * @throws CountersignError TRUST_ROOT_UNKNOWN, TRUST_ROOT_INVALID, FILE_UNREADABLE
 */
export function loadTrustRoots(
  config: Pick<Config, 'trustRoots'>,
  options: TrustSurroundings & { readonly names?: readonly string[] } = {},
): TrustRoots {
  const { names = [...config.trustRoots.keys()] } = options;
  checkRootNames(names, config);
  const roots = names.flatMap((name) => {
    const from = config.trustRoots.get(name);
    const root = from === undefined ? undefined : loadTrustRoot(name, from, options);
    return root === undefined ? [] : [root];
  });
  return snapshotOf(roots);
}

/** One trust root; `undefined` where it comes from a TUF repository of which nothing was kept. Throws as {@link loadTrustRoots}. */
export function loadTrustRoot(
  name: string,
  from: TrustRootConfig,
  surroundings: TrustSurroundings,
): TrustRoot | undefined {
  return findTrustRoot(name, from, surroundings)?.root;
}

/** The same, with the place that it was read from. */
export function findTrustRoot(
  name: string,
  from: TrustRootConfig,
  surroundings: TrustSurroundings,
): FoundTrustRoot | undefined {
  const { files = disk } = surroundings;
  if (from.kind === 'file') {
    return { root: rootOfFile(name, from.path, files), place: { kind: 'files', paths: [from.path] } };
  }
  if (from.kind === 'files') {
    const root = trustRootOfFiles(name, pemOf(from, files));
    return { root, place: { kind: 'files', paths: pathsOf(from) } };
  }
  const source = tufSourceOf(name, from, surroundings);
  return source === undefined ? broughtAlong(name) : lastGood(source);
}

function broughtAlong(name: string): FoundTrustRoot {
  return { root: parseTrustRoot(name, publicGoodSeed().trustedRoot), place: { kind: 'broughtAlong' } };
}

/** What is wrong with a file is told with its path: of several roots nobody knows it by its name. */
function rootOfFile(name: string, path: string, files: Files): TrustRoot {
  const json = Buffer.from(files.read(path));
  try {
    return parseTrustRoot(name, json);
  } catch (cause) {
    const { code, message } = asCountersignError(cause);
    throw new CountersignError(code, `${path}: ${message}`, { cause });
  }
}

/** The repository by which a trust root can be refreshed; `undefined` where it comes from none. Throws FILE_UNREADABLE, TRUST_ROOT_INVALID. */
export function tufSourceOf(
  name: string,
  from: TrustRootConfig,
  surroundings: TrustSurroundings,
): TufSource | undefined {
  if (from.kind === 'tuf') return tufSource(name, from, surroundings);
  const isOpen = from.kind === 'publicGood' && from.orKept;
  return isOpen ? tufSource(name, PUBLIC_GOOD_TUF, surroundings) : undefined;
}

function tufSource(name: string, tuf: TufConfig, surroundings: TrustSurroundings): TufSource {
  const { files = disk, cacheFolder } = surroundings;
  const own = tuf.root === undefined ? undefined : ownRoot(name, tuf.root, files);
  const store = openTufStore(cacheFolder, tuf, own ?? 'seed');
  return { name, tuf, root: own ?? publicGoodSeed().root, store, cacheFolder };
}

/** A root of one's own is carried over by hand, and easily taken for the trust root that the repository holds. */
function ownRoot(name: string, path: string, files: Files): Buffer {
  const root = Buffer.from(files.read(path));
  if (isRootMetadata(root)) return root;
  const wanted =
    'the root metadata of the repository (root.json, "_type": "root"), with which trust in it begins';
  const message = `${path}: trust root ${quote(name)}: found no TUF metadata of that kind, wanted ${wanted}`;
  throw new CountersignError('TRUST_ROOT_INVALID', message);
}

/** What was kept last of the repository, or the seed of the public-good one where that is newer. */
function lastGood({ name, tuf, root, store }: TufSource): FoundTrustRoot | undefined {
  const kept = store.read();
  const isOlder = versionOf(kept?.metadata.get('root.json')) < versionOf(root);
  const last = kept?.target === undefined || isOlder ? undefined : readable(name, kept.target);
  if (last !== undefined) {
    const { mirror } = tuf;
    return { root: last, place: { kind: 'kept', mirror, refreshedAt: kept?.refreshedAt ?? 0 } };
  }
  const hasSeed = tuf.root === undefined && tuf.target === PUBLIC_GOOD_TUF.target;
  return hasSeed ? broughtAlong(name) : undefined;
}

/** What is damaged, or written by a Countersign that reads other trust roots, is as if it were not there: a refresh mends it. */
function readable(name: string, target: Buffer): TrustRoot | undefined {
  try {
    return parseTrustRoot(name, target);
  } catch (error) {
    if (error instanceof CountersignError && error.code === 'TRUST_ROOT_INVALID') return undefined;
    throw error;
  }
}

function pemOf({ certificateChain, rekorKeys, ctKeys, timestampChain }: TrustRootFilePaths, files: Files) {
  const read = (file: string) => ({ pem: files.read(file), file });
  return {
    ...(certificateChain === undefined ? {} : { certificateChain: read(certificateChain) }),
    rekorKeys: rekorKeys.map(({ path, origin }) => ({
      ...read(path),
      ...(origin === undefined ? {} : { origin }),
    })),
    ctKeys: ctKeys.map(read),
    ...(timestampChain === undefined ? {} : { timestampChain: read(timestampChain) }),
  };
}

function pathsOf({ certificateChain, rekorKeys, ctKeys, timestampChain }: TrustRootFilePaths) {
  const paths = [certificateChain, ...rekorKeys.map(({ path }) => path), ...ctKeys, timestampChain];
  return paths.filter((path) => path !== undefined);
}

// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TufConfig } from '../config/trust-root-config.ts';
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import type { FileClient } from '../registry/index.ts';
import { plainText } from '../report/index.ts';
import { parseTrustRoot, type TrustRoot } from '../verify/index.ts';
import type { TufFetcher } from './tuf-fetcher.ts';
import { inMetadataFolder, versionOf } from './tuf-metadata.ts';
import type { Kept, TufStore } from './tuf-store.ts';

const TARGET_FILE = 'target';
const LONGEST_TEXT = 300;

/** A TUF repository, and what a refresh of it works with. */
export type TufSource = {
  /** The name of the trust root. */
  readonly name: string;
  readonly tuf: TufConfig;
  /** Root metadata that trust begins with. */
  readonly root: Buffer;
  readonly store: TufStore;
  /** Where metadata may be put while it is looked at, if nowhere else. */
  readonly cacheFolder: string | undefined;
};

/** What a refresh came to. */
export type Refreshed = {
  readonly root: TrustRoot;
  /** Whether the target is another than before. */
  readonly changed: boolean;
  /** Versions of the metadata, by file name. */
  readonly versions: ReadonlyMap<string, number>;
  /** Whether it was written to disk. */
  readonly kept: boolean;
};

/**
 * Asks the repository what is trusted now (TUF 1.0 §5), and keeps it. Rolled back and expired metadata, and a target of
 * another hash, are refused; what was good last stays kept then. `now` is only written down: tuf-js looks at the clock itself.
 *
 * @throws CountersignError TRUST_REFRESH_FAILED, TRUST_ROOT_INVALID for a target that is no trust root
 */
export async function refreshTrustRoot(
  source: TufSource,
  client: FileClient,
  { signal, now }: { readonly signal: AbortSignal; readonly now: number },
): Promise<Refreshed> {
  const deadline = performance.now() + LIMITS.tufRefreshMs;
  const before = keptOf(source);
  let metadata = before.metadata;
  try {
    const { store, cacheFolder, name } = source;
    const look = async (folder: string) => {
      const { createTufFetcher } = await import('./tuf-fetcher.ts');
      const fetcher = createTufFetcher(client, { folder, signal, deadline });
      return fetchTarget(source, fetcher, folder, before.target);
    };
    const target = await inMetadataFolder(metadata, cacheFolder, look, (seen) => {
      metadata = seen;
    });
    const root = parseTrustRoot(name, target);
    const kept = store.write({ metadata, target, refreshedAt: now });
    const changed = before.target === undefined || !target.equals(before.target);
    return { root, changed, versions: versionsOf(metadata), kept };
  } catch (error) {
    // As it was, another process that shares the folder may have written something newer since.
    if (!isSame(metadata, before.metadata)) source.store.write({ ...before, metadata });
    throw asRefreshFailure(error, source);
  }
}

/** What was kept, with the newer of its root and the one that trust begins with: an update of Countersign may bring a newer one. */
function keptOf({ store, root }: TufSource): Kept {
  const kept = store.read();
  const keptRoot = kept?.metadata.get('root.json');
  if (kept === undefined || keptRoot === undefined) {
    return { metadata: new Map([['root.json', root]]), refreshedAt: 0 };
  }
  if (versionOf(keptRoot) >= versionOf(root)) return kept;
  return { ...kept, metadata: new Map([...kept.metadata, ['root.json', root]]) };
}

function isSame(seen: Kept['metadata'], before: Kept['metadata']): boolean {
  return (
    seen.size === before.size && [...seen].every(([name, bytes]) => before.get(name)?.equals(bytes) ?? false)
  );
}

async function fetchTarget(
  { tuf }: TufSource,
  fetcher: TufFetcher,
  folder: string,
  before: Buffer | undefined,
): Promise<Buffer> {
  const { Updater } = await import('tuf-js');
  const updater = new Updater({
    metadataDir: folder,
    metadataBaseUrl: tuf.mirror,
    targetDir: folder,
    targetBaseUrl: `${tuf.mirror}/targets`,
    fetcher,
    config: { maxRootRotations: LIMITS.tufRootRotations },
  });
  await updater.refresh();
  const info = await updater.getTargetInfo(tuf.target);
  if (info === undefined) throw new Error(`the repository has no target ${quote(tuf.target)}`);
  const strong = Object.entries(info.hashes).find(([name]) => name === 'sha256' || name === 'sha512');
  if (strong === undefined) throw new Error(`the target ${quote(tuf.target)} has no SHA-2 hash`);
  if (info.length > LIMITS.tufDocumentBytes) {
    throw new Error(`the target has ${info.length} bytes (at most ${LIMITS.tufDocumentBytes})`);
  }
  const path = join(folder, TARGET_FILE);
  if (before !== undefined) writeFileSync(path, before);
  if ((await updater.findCachedTarget(info, path)) === undefined) await updater.downloadTarget(info, path);
  return readFileSync(path);
}

function versionsOf(metadata: Kept['metadata']): ReadonlyMap<string, number> {
  return new Map([...metadata].map(([name, bytes]) => [name, versionOf(bytes)]));
}

/** What went wrong under one code; the message of our own client, or of tuf-js, says what it was. */
function asRefreshFailure(error: unknown, { name, tuf }: TufSource): CountersignError {
  if (error instanceof CountersignError && error.code === 'TRUST_ROOT_INVALID') return error;
  const text = error instanceof Error ? error.message : String(error);
  // Some of it may quote what the repository sent.
  const said = plainText(text, LONGEST_TEXT);
  const { host } = new URL(tuf.mirror);
  const where = said.startsWith(host) ? '' : `${host}: `;
  const message = `trust root ${quote(name)}: ${where}${said}`;
  return new CountersignError('TRUST_REFRESH_FAILED', message, { cause: error });
}

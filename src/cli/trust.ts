// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { createFileClient } from '../registry/index.ts';
import {
  type FoundTrustRoot,
  findTrustRoot,
  loadTrustRoot,
  type Refreshed,
  refreshTrustRoot,
  type TufSource,
  trustCacheFolder,
  tufSourceOf,
} from '../trust/index.ts';
import type { TrustRoot } from '../verify/index.ts';
import { proxiesOf, readConfig } from './engine.ts';
import type { OutputFormat } from './print-report.ts';
import { complain, type Terminal } from './terminal.ts';
import { changesBetween, describeTrustRoot, trustRootJson } from './trust-text.ts';
import { withTrustedRoot } from './trusted-root.ts';

type ShowOptions = {
  readonly config?: string;
  readonly trustedRoot?: string;
  readonly output: OutputFormat;
};

/**
 * `countersign trust show`: every authority and log of every trust root, until when, from where it is, and what its fingerprint is. A root
 * that was never fetched is told on stderr; exit code 3 where there is one.
 */
export function trustShowCommand(options: ShowOptions, terminal: Terminal): number {
  const trustRoots = withTrustedRoot(readConfig(options.config), options.trustedRoot);
  const cacheFolder = trustCacheFolder(terminal.env);
  const now = Date.now();
  const roots: FoundTrustRoot[] = [];
  let missing = 0;
  for (const [name, from] of trustRoots) {
    const found = findTrustRoot(name, from, { cacheFolder });
    if (found !== undefined) roots.push(found);
    else {
      missing += 1;
      complain(terminal, new CountersignError('TRUST_ROOT_MISSING', `trust root ${name}: never fetched`));
    }
  }
  terminal.out(
    options.output === 'json'
      ? `${JSON.stringify({ trustRoots: roots.map((root) => trustRootJson(root, now)) }, null, 2)}\n`
      : roots.map((root) => describeTrustRoot(root, now)).join('\n'),
  );
  return missing > 0 ? 3 : 0;
}

/**
 * `countersign trust update`: asks the TUF repositories that the Config names now, or that of the public-good instance where it
 * names no trust root at all, and keeps what they say for the other commands. Exit code 3 where one could not be refreshed.
 */
export async function trustUpdateCommand(
  options: { readonly config?: string },
  terminal: Terminal,
): Promise<number> {
  const config = readConfig(options.config);
  const cacheFolder = trustCacheFolder(terminal.env);
  const isBare = config.trustRoots.size === 1;
  const sources = [...config.trustRoots]
    .filter(([, from]) => from.kind === 'tuf' || isBare)
    .flatMap(([name, from]) => {
      const source = tufSourceOf(name, from, { cacheFolder });
      return source === undefined ? [] : [{ source, before: loadTrustRoot(name, from, { cacheFolder }) }];
    });
  if (sources.length === 0) {
    terminal.out('no trust root comes from a TUF repository: nothing to update\n');
    return 0;
  }
  let failed = 0;
  for (const { source, before } of sources) {
    if (!(await update(source, before, config, terminal))) failed += 1;
  }
  return failed > 0 ? 3 : 0;
}

async function update(
  source: TufSource,
  before: TrustRoot | undefined,
  config: Config,
  terminal: Terminal,
): Promise<boolean> {
  const { signal } = new AbortController();
  const client = createFileClient({
    config,
    named: [new URL(source.tuf.mirror).host],
    allowLoopback: true,
    proxies: proxiesOf(terminal.env),
  });
  try {
    const refreshed = await refreshTrustRoot(source, client, { signal, now: Date.now() });
    const changes = changesBetween(before, refreshed.root).map((line) => `  ${line}\n`);
    terminal.out(lineOf(source, refreshed) + changes.join(''));
    if (refreshed.kept) return true;
    const where = source.cacheFolder ?? 'a folder: name one with COUNTERSIGN_TRUST_CACHE';
    const message = `trust root ${source.name}: fetched, but it could not be kept in ${where}`;
    complain(terminal, new CountersignError('TRUST_REFRESH_FAILED', message));
    return false;
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    complain(terminal, error);
    return false;
  } finally {
    await client.close();
  }
}

function lineOf({ name, tuf }: TufSource, { changed, versions, root }: Refreshed): string {
  const of = ['root', 'timestamp', 'snapshot', 'targets']
    .map((role) => `${role} ${versions.get(`${role}.json`) ?? '-'}`)
    .join(', ');
  const what = changed ? 'updated' : 'up to date';
  return `${name}: ${what}, ${root.fingerprint}\n  ${new URL(tuf.mirror).host}: ${of}\n`;
}

// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { createFileClient } from '../registry/index.ts';
import {
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
import { changesBetween, describeChanges } from './trust-text.ts';

type UpdateOptions = { readonly config?: string; readonly output: OutputFormat };

/** A repository, and the trust root that was kept of it. */
type Asked = { readonly source: TufSource; readonly before: TrustRoot | undefined };

/** What came of asking one: what it says now, if anything, and what is wrong, if anything. */
type Update = Asked & { readonly refreshed?: Refreshed; readonly problem?: CountersignError };

/**
 * `countersign trust update`: asks the TUF repositories that the Config names now, or that of the public-good instance where it
 * names no trust root at all, and keeps what they say for the other commands. What is wrong is told on stderr; exit code 3 where
 * one could not be refreshed or kept.
 */
export async function trustUpdateCommand(options: UpdateOptions, terminal: Terminal): Promise<number> {
  const config = readConfig(options.config);
  const asked = repositoriesOf(config, trustCacheFolder(terminal.env));
  const isJson = options.output === 'json';
  if (asked.length === 0 && !isJson) {
    terminal.out('no trust root comes from a TUF repository: nothing to update\n');
  }
  const updates: Update[] = [];
  for (const one of asked) {
    const update = await updateOne(one, config, terminal);
    if (!isJson) terminal.out(updateText(update));
    if (update.problem !== undefined) complain(terminal, update.problem);
    updates.push(update);
  }
  if (isJson) terminal.out(`${JSON.stringify({ trustRoots: updates.map(updateJson) }, null, 2)}\n`);
  return updates.some(({ problem }) => problem !== undefined) ? 3 : 0;
}

/** All of them are looked at before the first is asked, since one may be wrong by what is on disk. */
function repositoriesOf(config: Config, cacheFolder: string | undefined): readonly Asked[] {
  const isBare = config.trustRoots.size === 1;
  return [...config.trustRoots]
    .filter(([, from]) => from.kind === 'tuf' || isBare)
    .flatMap(([name, from]) => {
      const source = tufSourceOf(name, from, { cacheFolder });
      return source === undefined ? [] : [{ source, before: loadTrustRoot(name, from, { cacheFolder }) }];
    });
}

async function updateOne(asked: Asked, config: Config, terminal: Terminal): Promise<Update> {
  const { source } = asked;
  const { signal } = new AbortController();
  const client = createFileClient({
    config,
    named: [new URL(source.tuf.mirror).host],
    allowLoopback: true,
    proxies: proxiesOf(terminal.env),
  });
  try {
    const refreshed = await refreshTrustRoot(source, client, { signal, now: Date.now() });
    return refreshed.kept ? { ...asked, refreshed } : { ...asked, refreshed, problem: notKept(source) };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { ...asked, problem: error };
  } finally {
    await client.close();
  }
}

function notKept({ name, cacheFolder }: TufSource): CountersignError {
  const where = cacheFolder ?? 'a folder: name one with COUNTERSIGN_TRUST_CACHE';
  const message = `trust root ${name}: fetched, but it could not be kept in ${where}`;
  return new CountersignError('TRUST_REFRESH_FAILED', message);
}

const ROLES = ['root', 'timestamp', 'snapshot', 'targets'];

/** Nothing where the repository said nothing. */
function updateText({ source: { name, tuf }, before, refreshed }: Update): string {
  if (refreshed === undefined) return '';
  const { changed, versions, root } = refreshed;
  const of = ROLES.map((role) => `${role} ${versions.get(`${role}.json`) ?? '-'}`).join(', ');
  const what = changed ? 'updated' : 'up to date';
  const changes = describeChanges(before, root).map((line) => `  ${line}\n`);
  return `${name}: ${what}, ${root.fingerprint}\n  ${new URL(tuf.mirror).host}: ${of}\n${changes.join('')}`;
}

function updateJson({ source: { name, tuf }, before, refreshed, problem }: Update) {
  const error = problem && { code: problem.code, message: problem.message };
  const head = { name, mirror: tuf.mirror };
  if (refreshed === undefined) return { ...head, status: 'failed', error };
  const { changed, versions, root, kept } = refreshed;
  return {
    ...head,
    status: changed ? 'updated' : 'upToDate',
    fingerprint: root.fingerprint,
    kept,
    versions: Object.fromEntries(ROLES.map((role) => [role, versions.get(`${role}.json`)])),
    ...changesBetween(before, root),
    error,
  };
}

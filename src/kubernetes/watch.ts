// SPDX-License-Identifier: Apache-2.0
import { asCountersignError, type CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { withQuery } from './api-path.ts';
import { type BackoffTiming, createBackoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { asUnreachable, isOurEnd } from './failure.ts';
import { type Keep, listAll } from './list.ts';
import type { KubernetesObject } from './object.ts';
import { readEvents } from './watch-events.ts';

/** Told what a watch sees, in order. Must not throw. */
export type WatchHandler = {
  /** The whole collection: at first, and whenever what happened in between is not known. */
  listed(items: readonly KubernetesObject[]): void;
  /** An object was added, or is another one now. */
  changed(object: KubernetesObject): void;
  /** An object is gone; this is how it was. */
  removed(object: KubernetesObject): void;
  /** The collection could not be listed or followed; what was told holds until `listed` comes again. */
  failed?(error: CountersignError): void;
};

export type WatchOptions = {
  /**
   * `events`: what is there comes as changes, and `listed` is never called: enough for one named object, and it
   * needs no right to list. Default `list`.
   */
  readonly initial?: 'list' | 'events';
  /** What is kept of each object that is listed, until `listed` is called with all of them. Default: everything. */
  readonly keep?: Keep;
  /** What tests make shorter. */
  readonly backoff?: BackoffTiming;
};

/** A watch that ended sooner than this counts as one that did not work: asking again at once could go on for ever. */
const SHORT_MS = 1_000;

/**
 * Lists, then watches from the version of the list with bookmarks. A watch that ends is resumed from the last
 * version seen. A version that the server has forgotten (410), and an event that cannot be read, lead back to the list.
 */
export async function watchForever(
  connection: Connection,
  path: string,
  handler: WatchHandler,
  signal: AbortSignal,
  options: WatchOptions = {},
): Promise<void> {
  const backoff = createBackoff(options.backoff);
  let version: string | undefined;

  async function list(): Promise<string> {
    const { items, resourceVersion } = await listAll(connection, path, signal, options.keep);
    if (!signal.aborted) handler.listed(items);
    return resourceVersion;
  }

  /** Follows from this version, or from whatever there is, until the server ends it. */
  async function follow(from: string | undefined): Promise<void> {
    const begun = performance.now();
    const stream = await connection.stream(watchPath(path, from), signal);
    for await (const event of readEvents(stream, `WATCH ${path}`)) {
      if (signal.aborted) return;
      version = event.version;
      backoff.reset();
      if (event.type === 'DELETED') handler.removed(event.object);
      else if (event.type !== 'BOOKMARK') handler.changed(event.object);
    }
    if (performance.now() - begun < SHORT_MS) await backoff.pause(signal);
  }

  while (!signal.aborted) {
    try {
      if (options.initial !== 'events') version ??= await list();
      await follow(version);
    } catch (error) {
      if (isOurEnd(error)) continue;
      const failure = asCountersignError(asUnreachable(error, `WATCH ${path}`, signal));
      if (signal.aborted) return;
      // A connection that broke has lost nothing; after any other failure what was missed is not known.
      if (failure.code !== 'KUBERNETES_UNREACHABLE') version = undefined;
      handler.failed?.(failure);
      await backoff.pause(signal);
    }
  }
}

function watchPath(path: string, resourceVersion: string | undefined): string {
  // By chance, so that watches begun together do not all come back together.
  const timeoutSeconds = Math.round(LIMITS.watchSeconds * (0.5 + Math.random() / 2));
  return withQuery(path, {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(timeoutSeconds),
  });
}

// SPDX-License-Identifier: Apache-2.0

import { LRUCache } from 'lru-cache';
import { asCountersignError, type CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import { createOriginLines, NO_NAMESPACE } from '../sharing/index.ts';
import type { Credential, CredentialAsker } from './credential.ts';
import { askHelper } from './credential-helper.ts';
import type { Scope } from './exchange.ts';
import { createSharedFlights } from './shared-flight.ts';

/** A helper program, and the names that the server may have for it: the first that it knows counts. */
export type HelperQuery = { readonly helper: string; readonly addresses: readonly string[] };

/** What helper programs said. */
export type HelperAnswers = {
  /** What is known, without asking. */
  recall(query: HelperQuery): Credential | undefined;
  /** Makes it known; `undefined` where it is. @throws REGISTRY_UNAUTHORIZED where the helper fails; that is not remembered */
  ready(query: HelperQuery, asker: CredentialAsker): Promise<void> | undefined;
  /** Asks again, since what it said was refused; whether it now says something else. */
  renew(query: HelperQuery, asker: CredentialAsker): Promise<boolean>;
  /** Helpers that failed when they were asked last, for people. */
  readonly warnings: readonly string[];
};

type Answer = { readonly credential: Credential | undefined; readonly at: number };

/**
 * An empty memory. A helper is asked once for all who want the same, {@link LIMITS}.helpers of them at a time, the namespaces in turn
 * (an image may name any host, and a store is asked for all of them), and again beside the requests when its answer is {@link LIMITS}.helperAnswerMs old; one that then fails leaves what
 * it said before.
 */
export function createHelperAnswers(): HelperAnswers {
  const answers = new LRUCache<string, Answer>(lruBounds({ entries: LIMITS.helperAnswers }));
  const flights = createSharedFlights<void>();
  const running = new Map<string, Promise<void>>();
  const refreshed = new Set<string>();
  const failures = new LRUCache<string, CountersignError>(lruBounds({ entries: LIMITS.helpers }));
  const lines = createOriginLines(LIMITS.helpers);

  const ready: HelperAnswers['ready'] = (query, asker) => {
    const key = keyOf(query);
    const known = answers.get(key);
    if (known === undefined) return waitFor(query, asker);
    if (performance.now() - known.at < LIMITS.helperAnswerMs) return undefined;
    refresh(query, asker);
    return undefined;
  };

  return {
    ready,
    recall: (query) => answers.get(keyOf(query))?.credential,
    async renew(query, asker) {
      const before = answers.get(keyOf(query));
      if (before === undefined || performance.now() - before.at < LIMITS.helperRecheckMs) return false;
      await waitFor(query, asker);
      return answers.get(keyOf(query))?.credential?.id !== before.credential?.id;
    },
    get warnings() {
      return [...failures.values()].map(({ message }) => message);
    },
  };

  async function waitFor(query: HelperQuery, asker: CredentialAsker): Promise<void> {
    const join = () => flight(query, asker);
    return asker.wait === undefined ? join() : asker.wait(join);
  }

  /** What it said before holds until it says something else; that it fails is in the warnings. */
  function refresh(query: HelperQuery, { tenants = NO_NAMESPACE }: CredentialAsker): void {
    const key = keyOf(query);
    if (refreshed.has(key)) return;
    refreshed.add(key);
    const ended = () => void refreshed.delete(key);
    flight(query, { signal: new AbortController().signal, tenants }).then(ended, ended);
  }

  function flight(query: HelperQuery, asker: CredentialAsker): Promise<void> {
    const { signal, tenants = NO_NAMESPACE } = asker;
    if (signal.aborted) return Promise.reject(signal.reason);
    const scope = { signal, tenants, deadline: () => Number.POSITIVE_INFINITY, count: () => {} };
    return flights(keyOf(query), scope, (shared) => inTurn(query, shared));
  }

  /** When nobody waits any more it leaves the line; a helper that runs goes on, for whoever comes later. */
  async function inTurn(query: HelperQuery, { tenants, signal }: Scope): Promise<void> {
    const key = keyOf(query);
    const known = running.get(key);
    if (known !== undefined) return known;
    const leave = await lines.enter('', tenants, signal);
    const started = ask(query).finally(() => {
      running.delete(key);
      leave();
    });
    running.set(key, started);
    return started;
  }

  async function ask({ helper, addresses }: HelperQuery): Promise<void> {
    // Not that of a request: whoever comes later waits for the same answer, and the helper is bounded in time.
    const { signal } = new AbortController();
    try {
      let credential: Credential | undefined;
      for (const address of addresses) credential ??= await askHelper(helper, address, signal);
      answers.set(keyOf({ helper, addresses }), { credential, at: performance.now() });
      failures.delete(helper);
    } catch (error) {
      failures.set(helper, asCountersignError(error));
      throw error;
    }
  }
}

function keyOf({ helper, addresses }: HelperQuery): string {
  return `${helper} ${addresses[0] ?? ''}`;
}

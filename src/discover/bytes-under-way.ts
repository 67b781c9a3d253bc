// SPDX-License-Identifier: Apache-2.0

import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { createFairLine, createPlaces, type Tenants, type Waiter, waitInLine } from '../sharing/index.ts';

/** Counts the bytes that discoveries and verifications hold at one time, whoever asked for them. */
export type BytesUnderWay = {
  /**
   * Runs a discovery with a share that is empty at first. Where there is no room for what it takes, it is given up, waits
   * for its turn, holding nothing meanwhile, and runs again with twice as much kept for it: at most ten times.
   * @throws the reason of the signal, CANCELLED where it has none of ours, and what the work throws
   */
  within<T>(tenants: Tenants, signal: AbortSignal, work: (share: Share) => Promise<T>): Promise<T>;
  /**
   * Counts what a verification holds: it is there already, so it does not wait any more. Once, however many hold
   * the same. The function that is returned gives it back.
   */
  hold(held: object, count: number, tenants: Tenants): () => void;
  /** How many are held or kept now. */
  readonly total: number;
};

/** What one discovery holds. */
export type Share = {
  /** Counts bytes that are about to be read. @throws LIMIT_EXCEEDED where there is no room; nothing else can be taken then */
  take(count: number): void;
};

type OpenShare = Share & {
  /** What it would have held, had there been room. */
  readonly refused: number;
  /** Gives everything back; nothing can be taken afterwards. */
  end(): void;
};

/**
 * An empty count. Of the bytes one namespace gets no more than it leaves to the others, but always what a single image needs.
 * A share of at most {@link LIMITS}.smallDiscoveryBytes has a reserve beside them, so that a few
 * images with much beside them do not keep the signatures of all others out.
 */
export function createBytesUnderWay(): BytesUnderWay {
  const places = createPlaces(LIMITS.discoveryBytesUnderWay);
  const line = createFairLine<Waiter & { readonly count: number }>(callNext);
  const holders = new Map<object, { count: number; readonly tenant: string }>();

  return {
    async within(tenants, signal, work) {
      let tenant = firstOf(tenants);
      for (let kept = 0; ; ) {
        const share = begin(tenant, kept);
        const attempt = work(share).finally(share.end);
        await attempt.catch(() => {});
        if (share.refused === 0) return attempt;
        if (kept === LIMITS.candidateBytes) throw noRoom();
        kept = Math.min(2 * share.refused, LIMITS.candidateBytes);
        tenant = await waitFor(kept, tenants, signal);
      }
    },
    hold(held, count, tenants) {
      const holder = holders.get(held) ?? { count: 0, tenant: firstOf(tenants) };
      holders.set(held, holder);
      holder.count += 1;
      if (holder.count === 1) places.take(holder.tenant, count);
      return () => {
        holder.count -= 1;
        if (holder.count > 0) return;
        holders.delete(held);
        give(holder.tenant, count);
      };
    },
    get total() {
      return places.taken;
    },
  };

  function begin(tenant: string, kept: number): OpenShare {
    let mine = 0;
    let held = kept;
    let refused = 0;
    let ended = false;
    return {
      take(count) {
        if (ended) throw new CountersignError('CANCELLED', 'the discovery has ended');
        mine += count;
        const more = Math.max(0, mine - held);
        if (refused > 0 || (more > 0 && !hasRoom(tenant, more, held))) {
          refused = mine;
          throw noRoom();
        }
        held += more;
        places.take(tenant, more);
      },
      get refused() {
        return refused;
      },
      end() {
        ended = true;
        give(tenant, held);
        held = 0;
      },
    };
  }

  /** What the share holds itself is no reason to give it less. */
  function hasRoom(tenant: string, more: number, held: number): boolean {
    const small = held + more <= LIMITS.smallDiscoveryBytes;
    const reserve = small ? LIMITS.smallDiscoveriesReserve : 0;
    return places.has(tenant, more, LIMITS.discoveryBytesUnderWay + reserve + held);
  }

  function give(tenant: string, count: number): void {
    places.give(tenant, count);
    callNext();
  }

  function waitFor(count: number, tenants: Tenants, signal: AbortSignal): Promise<string> {
    const turn = waitInLine(line, { count }, tenants, signal);
    // Behind who goes away may stand somebody who needs less, for whom there was room all along.
    turn.catch(callNext);
    callNext();
    return turn;
  }

  function callNext(): void {
    for (;;) {
      const next = line.next((tenant, { count }) => places.has(tenant, count));
      if (next === undefined) return;
      places.take(next.tenant, next.entry.count);
      next.entry.go(next.tenant);
    }
  }
}

/** The count of this process: memory is one, however many clients there are. */
export const BYTES_UNDER_WAY = createBytesUnderWay();

function firstOf({ names }: Tenants): string {
  const [first = ''] = names;
  return first;
}

function noRoom(): CountersignError {
  return new CountersignError(
    'LIMIT_EXCEEDED',
    `the signatures that are read at this time have more than ${LIMITS.discoveryBytesUnderWay} bytes together`,
  );
}

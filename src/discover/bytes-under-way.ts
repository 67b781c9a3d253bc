// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Counts the bytes that discoveries and verifications hold at one time, whoever asked for them. */
export type BytesUnderWay = {
  /** An empty share for a discovery that begins. */
  begin(): Share;
  /**
   * Counts what a verification holds: it is there already, so it is not refused any more. Once, however many hold
   * the same. The function that is returned gives it back.
   */
  hold(held: object, count: number): () => void;
};

/** What one discovery holds. */
export type Share = {
  /** Counts bytes that are about to be read. @throws LIMIT_EXCEEDED where all together would hold too many */
  take(count: number): void;
  /** Gives everything back; nothing can be taken afterwards. */
  end(): void;
};

/**
 * An empty count. A share of at most {@link LIMITS}.smallDiscoveryBytes has a reserve of its own, so that a few
 * images with much beside them do not keep the signatures of all others out.
 */
export function createBytesUnderWay(): BytesUnderWay {
  let total = 0;
  const holders = new Map<object, number>();
  return { begin, hold };

  function begin(): Share {
    let mine = 0;
    let ended = false;
    return {
      take(count) {
        if (ended) throw new CountersignError('CANCELLED', 'the discovery has ended');
        const reserve = mine + count <= LIMITS.smallDiscoveryBytes ? LIMITS.smallDiscoveriesReserve : 0;
        if (total + count > LIMITS.discoveryBytesUnderWay + reserve) throw exceeded();
        mine += count;
        total += count;
      },
      end() {
        ended = true;
        total -= mine;
        mine = 0;
      },
    };
  }

  function hold(held: object, count: number): () => void {
    const others = holders.get(held) ?? 0;
    holders.set(held, others + 1);
    if (others === 0) total += count;
    return () => {
      const left = (holders.get(held) ?? 0) - 1;
      holders.set(held, left);
      if (left > 0) return;
      holders.delete(held);
      total -= count;
    };
  }
}

/** The count of this process: memory is one, however many clients there are. */
export const BYTES_UNDER_WAY = createBytesUnderWay();

function exceeded(): CountersignError {
  return new CountersignError(
    'LIMIT_EXCEEDED',
    `the signatures that are read at this time have more than ${LIMITS.discoveryBytesUnderWay} bytes together`,
  );
}

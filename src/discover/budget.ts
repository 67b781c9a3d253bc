// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Share } from './bytes-under-way.ts';

/** What one discovery may still read. Taking more than is left throws LIMIT_EXCEEDED, before any request. */
export type Budget = {
  takeCandidates(count: number): void;
  takeBytes(count: number): void;
  /** Bytes of a manifest or list as they arrive, which take more than that until they are read. */
  takeJson(count: number): void;
};

/** The whole budget of one image in one store; its bytes count in the share too. */
export function createBudget(share: Share): Budget {
  let candidates: number = LIMITS.candidates;
  let bytes: number = LIMITS.candidateBytes;
  const takeBytes = (count: number) => {
    bytes -= count;
    if (bytes < 0) throw exceeded(`the listed signatures have more than ${LIMITS.candidateBytes} bytes`);
    share.take(count);
  };
  return {
    takeCandidates(count) {
      candidates -= count;
      if (candidates < 0) throw exceeded(`more than ${LIMITS.candidates} signatures are listed`);
    },
    takeBytes,
    takeJson: (count) => takeBytes(LIMITS.manifestCopies * count),
  };
}

function exceeded(what: string): CountersignError {
  return new CountersignError('LIMIT_EXCEEDED', what);
}

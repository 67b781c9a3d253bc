// SPDX-License-Identifier: Apache-2.0
import { asCountersignError, CODES } from '../errors.ts';
import type { Candidate, Storage } from '../verify/index.ts';

/** What is listed and cannot be read: the error's code, never silence. */
export function unreadable(id: string, storage: Storage, error: unknown): Candidate {
  const { code, message } = asCountersignError(error);
  return { kind: 'unreadable', id, storage, code, message };
}

/** Whether everything that the store lists was read; what could not be told must be asked again. */
export function allRead(candidates: readonly Candidate[]): boolean {
  return candidates.every(
    (candidate) => candidate.kind !== 'unreadable' || CODES[candidate.code].class !== 'inconclusive',
  );
}

// SPDX-License-Identifier: Apache-2.0

import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { createPlaces } from '../sharing/index.ts';

/**
 * Lets a review of this namespace wait for the network; the function that is returned ends that, and is called
 * once, whatever comes of the review.
 * @throws CountersignError OVERLOADED where as many as may wait already
 */
export type Admit = (namespace: string) => () => void;

/** Which bound a review was over; the label of a metric. */
export type ShedBy = 'namespace' | 'all';

/** All callers who are not proven, together, in the place of a namespace. No Namespace can have this name. */
export const UNPROVEN = '(unproven)';

type Options = {
  readonly all?: number;
  readonly perNamespace?: number;
  readonly onWaiting?: (count: number) => void;
  readonly onShed?: (by: ShedBy) => void;
};

/** A waiting room with nobody in it. A review that is answered from memory never comes here. */
export function createWaitingRoom(options: Options = {}): Admit {
  const { all = LIMITS.reviewsWaiting, perNamespace = LIMITS.reviewsWaitingPerNamespace } = options;
  const { onWaiting = () => {}, onShed = () => {} } = options;
  const places = createPlaces(all, perNamespace);

  return (namespace) => {
    if (!places.has(namespace)) {
      onShed(places.held(namespace) === 0 ? 'all' : 'namespace');
      throw overloaded(namespace, places.held(namespace), places.taken);
    }
    places.take(namespace);
    onWaiting(places.taken);
    return () => {
      places.give(namespace);
      onWaiting(places.taken);
    };
  };
}

function overloaded(namespace: string, held: number, taken: number): CountersignError {
  return new CountersignError(
    'OVERLOADED',
    `the registry was not asked: ${held} reviews ${ownerOf(namespace)} wait for registries already, ${taken} in all, and no more may`,
  );
}

function ownerOf(namespace: string): string {
  if (namespace === UNPROVEN) return 'of unproven callers';
  return namespace === '' ? 'without a namespace' : `of namespace ${namespace}`;
}

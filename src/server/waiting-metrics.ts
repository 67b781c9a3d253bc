// SPDX-License-Identifier: Apache-2.0
import { Gauge, type Registry } from 'prom-client';
import type { ShedBy } from '../evaluation/waiting-room.ts';
import { children, counter } from './tallies.ts';

/** Who waits for registries, and who was turned away. Never by namespace: no label comes from a request. */
export type WaitingMetrics = {
  /** How many reviews wait now. */
  reviewsWaiting(count: number): void;
  reviewShed(by: ShedBy): void;
};

/** These metrics in a registry. */
export function waitingMetrics(register: Registry): WaitingMetrics {
  const shed = counter(
    register,
    'countersign_reviews_shed_total',
    'Reviews answered OVERLOADED because too many waited for registries.',
    'bound',
  );
  const shedBy = children(['namespace', 'all'] as const, (bound) => shed.of(bound));
  let waiting = 0;
  new Gauge({
    name: 'countersign_reviews_waiting',
    help: 'Reviews that wait for registries.',
    registers: [register],
    collect() {
      this.set(waiting);
    },
  });
  return {
    reviewsWaiting(count) {
      waiting = count;
    },
    reviewShed(bound) {
      shedBy[bound].count += 1;
    },
  };
}

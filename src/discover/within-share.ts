// SPDX-License-Identifier: Apache-2.0

import type { Repository } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { Exchange, Registry } from '../registry/index.ts';
import { createSlots, NO_NAMESPACE } from '../sharing/index.ts';
import { createBudget } from './budget.ts';
import { BYTES_UNDER_WAY } from './bytes-under-way.ts';
import type { Source } from './source.ts';

/** Reads from a repository with a budget and slots of its own, and a share of the bytes under way that ends with it. */
export function withinShare<T>(
  registry: Registry,
  repository: Repository,
  exchange: Exchange,
  read: (source: Source) => Promise<T>,
): Promise<T> {
  const { tenants = NO_NAMESPACE, signal } = exchange;
  return BYTES_UNDER_WAY.within(tenants, signal, (share) => {
    const slots = createSlots(LIMITS.requestsPerImage);
    return read({ registry, repository, exchange, slots, budget: createBudget(share) });
  });
}

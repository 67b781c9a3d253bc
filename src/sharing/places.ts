// SPDX-License-Identifier: Apache-2.0

/**
 * So many places for all tenants together. A tenant takes more only as long as it then holds no more than is left:
 * one alone gets half, each of two a third, and whoever holds nothing yet finds room, however long the others stay.
 */
export type Places = {
  readonly taken: number;
  held(tenant: string): number;
  /** Whether so many more are within the bounds of this tenant and of all. `size`: of all, where it is not the usual. */
  has(tenant: string, count?: number, size?: number): boolean;
  take(tenant: string, count?: number): void;
  give(tenant: string, count?: number): void;
};

/** Places that nobody holds; of them at most `most` for one tenant. */
export function createPlaces(total: number, most = total): Places {
  const holders = new Map<string, number>();
  let taken = 0;
  const held = (tenant: string) => holders.get(tenant) ?? 0;
  const add = (tenant: string, count: number) => {
    taken += count;
    const left = held(tenant) + count;
    if (left === 0) holders.delete(tenant);
    else holders.set(tenant, left);
  };
  return {
    get taken() {
      return taken;
    },
    held,
    has(tenant, count = 1, size = total) {
      const then = held(tenant) + count;
      return then <= most && then <= size - taken;
    },
    take: (tenant, count = 1) => add(tenant, count),
    give: (tenant, count = 1) => add(tenant, -count),
  };
}

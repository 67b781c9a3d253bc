// SPDX-License-Identifier: Apache-2.0
export { createFairLine } from './fair-line.ts';
export { createOriginLines } from './origin-lines.ts';
export { createPlaces } from './places.ts';
export { createSlots, type Slots } from './slots.ts';
export { createSharedTenants, NO_NAMESPACE, type SharedTenants, type Tenants, tenant } from './tenants.ts';
export { type Waiter, waitInLine } from './wait-in-line.ts';

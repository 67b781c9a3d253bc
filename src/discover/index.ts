// SPDX-License-Identifier: Apache-2.0
export { BYTES_UNDER_WAY } from './bytes-under-way.ts';
export { type Children, createChildren, type Owner } from './children.ts';
export type { Discovery, Found, Place } from './discovery.ts';
export { createFacts, type FactKind, type Facts } from './facts.ts';
export { createHolds, type Holds } from './holds.ts';
export type { TagAnswer } from './tag-facts.ts';

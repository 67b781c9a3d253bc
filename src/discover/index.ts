// SPDX-License-Identifier: Apache-2.0
export type { Discovery } from './discovery.ts';
export { createFacts, type FactKind, type Facts } from './facts.ts';

// SPDX-License-Identifier: Apache-2.0
export { trustCacheFolder } from './cache-folder.ts';
export {
  type FoundTrustRoot,
  findTrustRoot,
  loadTrustRoot,
  loadTrustRoots,
  type TrustRootPlace,
  tufSourceOf,
} from './load-trust-roots.ts';
export { checkNeededRoots, neededRoots, usedRoots } from './needed-roots.ts';
export { type Refreshed, refreshTrustRoot, type TufSource } from './refresh.ts';
export { snapshotOf } from './snapshot.ts';

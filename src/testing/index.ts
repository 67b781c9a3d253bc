// SPDX-License-Identifier: Apache-2.0
export type { TestAuth, TestUser } from './auth.ts';
export type { Fault, FaultEffect, FaultMatch, OrderedFault } from './fault.ts';
export { type ImageContent, type ImageFormat, makeImage, makeIndex } from './images.ts';
export type { TestTls } from './listener.ts';
export type { ReferrersBehaviour } from './lists.ts';
export { type PushOptions, pushImageTo, putBlobTo, putManifestTo } from './push-client.ts';
export {
  startTestRegistry,
  type TestImage,
  type TestRegistry,
  type TestRegistryOptions,
} from './registry.ts';
export type { LoggedRequest } from './request-log.ts';
export type { TestRequestKind } from './route.ts';
export type { StoredManifest } from './store.ts';

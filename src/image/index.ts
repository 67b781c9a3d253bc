// SPDX-License-Identifier: Apache-2.0
export { type Digest, digestOf, digestTag, isDigest, parseDigest } from './digest.ts';
export { formatPinnedImage, type PinnedImage, pinImage } from './pinned-image.ts';
export { quote } from './quote.ts';
export {
  formatImageReference,
  formatRepository,
  type ImageReference,
  isPathComponent,
  isTag,
  parseImageReference,
  type Repository,
} from './reference.ts';
export { parseRegistry } from './registry-host.ts';

// SPDX-License-Identifier: Apache-2.0
export { type Digest, digestTag } from './digest.ts';
export { formatPinnedImage, type PinnedImage, pinImage } from './pinned-image.ts';
export {
  formatImageReference,
  formatRepository,
  type ImageReference,
  parseImageReference,
  type Repository,
} from './reference.ts';

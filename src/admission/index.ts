// SPDX-License-Identifier: Apache-2.0
export { findPodKind, POD_KINDS, type PodKind } from './kinds.ts';
export { type Listing, type ListingReason, listImages } from './list-images.ts';
export { type AdmissionRequest, type Operation, parseAdmissionReview, ReviewError } from './parse-review.ts';
export { type ImageUse, USE_WORDS } from './read-images.ts';
export { budgetMs, parseDuration, parseTimeout } from './timeout.ts';

// SPDX-License-Identifier: Apache-2.0
export { POD_KINDS } from './kinds.ts';
export { changesTemplate, controllerUid, ownUid } from './lineage.ts';
export { type Listing, listImages } from './list-images.ts';
export { type AdmissionRequest, parseAdmissionReview, ReviewError } from './parse-review.ts';
export { nameIn, type PodPullSecrets, readPullSecrets } from './pull-secrets.ts';
export { type ImageUse, USE_WORDS } from './read-images.ts';
export { budgetMs, parseDuration, parseTimeout } from './timeout.ts';

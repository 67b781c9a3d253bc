// SPDX-License-Identifier: Apache-2.0
import type { CodeEntry } from './entry.ts';

/** What can happen with the API server and its AdmissionReviews. */
export const ADMISSION_CODES = {
  // --- the API server
  KUBERNETES_UNREACHABLE: {
    class: 'inconclusive',
    meaning: 'The API server cannot be reached, or its certificate is not trusted.',
    hint: 'check the network and the CA; in a Pod, that its ServiceAccount has its token mounted',
  },
  KUBERNETES_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The API server refused who asked (401), or what was asked (403).',
    hint: 'see what is allowed with kubectl auth can-i, and give the missing verb in a Role or ClusterRole',
  },
  KUBERNETES_CONFLICT: {
    class: 'inconclusive',
    meaning: 'An object in the cluster was changed, made or deleted by someone else in the meantime.',
    hint: 'nothing: it is read again and tried again',
  },
  KUBERNETES_ERROR: {
    class: 'inconclusive',
    meaning: 'The API server answered with an error, or with something that it should not answer.',
    hint: 'see the HTTP status in the message, and the log of the API server',
  },

  // --- AdmissionReviews
  REVIEW_MALFORMED: {
    class: 'review',
    meaning: 'The body is not an AdmissionReview of admission.k8s.io/v1 with a request and a uid.',
    hint: 'send what a kube-apiserver sends',
  },
  REVIEW_TOO_LARGE: {
    class: 'review',
    meaning: 'The body is larger, nested deeper or of more values than any that an API server sends.',
    hint: 'the limits are 8 MiB, 128 levels and 400,000 values',
  },
  OBJECT_MALFORMED: {
    class: 'rejected',
    meaning: 'The object in the review is not of the shape its kind has, so its images cannot be listed.',
    hint: 'send an object that the API server accepts',
  },
  IMAGE_EMPTY: {
    class: 'rejected',
    meaning: 'A container of a Pod has no image.',
    hint: 'give the container an image',
  },
} as const satisfies Record<string, CodeEntry>;

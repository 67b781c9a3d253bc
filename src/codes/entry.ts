// SPDX-License-Identifier: Apache-2.0

/**
 * What a code says about the question "may this image run?".
 *
 * - `verified`, `exempt`: yes
 * - `rejected`: the evidence says no
 * - `inconclusive`: could not tell (registry down, deadline passed, limit hit); denied all the same
 * - `review`: an AdmissionReview that cannot be read
 * - `usage`: a command, policy or configuration that is wrong; ends the process at start, never a request
 */
export type CodeClass = 'verified' | 'exempt' | 'rejected' | 'inconclusive' | 'review' | 'usage';

/** What a code means, and what to do about it. */
export type CodeEntry = {
  readonly class: CodeClass;
  readonly meaning: string;
  readonly hint: string;
  /** The hint is of no use for a file that was verified by itself: it speaks of an image, or of a policy. Absent: it is. */
  readonly hintIsFor?: 'images';
};

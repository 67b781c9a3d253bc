// SPDX-License-Identifier: Apache-2.0
import type { CodeEntry } from './entry.ts';

/** What a policy says of an image reference, with or without signatures. */
export const POLICY_CODES = {
  // --- yes
  VERIFIED: {
    class: 'verified',
    meaning: 'The signatures that the policy asks for were found and hold.',
    hint: '',
  },
  EXEMPT: {
    class: 'exempt',
    meaning: 'A rule of the policy lets this image in unverified, with a reason and a date.',
    hint: 'list every exemption with: countersign policy lint --policy FILE',
  },

  // --- image references
  REFERENCE_INVALID: {
    class: 'rejected',
    meaning: 'The image reference does not follow the grammar of the distribution specification.',
    hint: 'write it as REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:HEX',
  },
  DIGEST_INVALID: {
    class: 'rejected',
    meaning: 'A digest is not sha256 or sha512 followed by the right number of lower-case hex digits.',
    hint: 'copy the digest from the registry: sha256: and 64 hex digits',
  },

  // --- policy, at match and decide
  NO_RULE: {
    class: 'rejected',
    meaning: 'No rule of any policy matches the image, and what no rule names does not get in.',
    hint: 'see which rule would match with: countersign policy explain IMAGE --policy FILE',
  },
  EXEMPTION_EXPIRED: {
    class: 'rejected',
    meaning: 'The rule that let this image in unverified has passed its until date.',
    hint: 'sign the image, or renew the until date of the rule',
  },
  TAG_FORBIDDEN: {
    class: 'rejected',
    meaning: 'The rule says tags: forbid and the reference has no digest.',
    hint: 'name the image by digest: REPOSITORY@sha256:HEX',
  },
  NOT_PINNED: {
    class: 'rejected',
    meaning:
      'The rule pins images, and this Pod names a tag only: what runs could differ from what was verified.',
    hint: 'check that the mutating webhook is installed and reachable, or name the image by digest',
  },
  TAG_DIGEST_MISMATCH: {
    class: 'rejected',
    meaning:
      'The reference has a tag and a digest, a rule matches the tag, and the tag does not give that digest.',
    hint: 'drop the tag, or name the digest that the tag has now',
  },
  NAMESPACE_LABELS_UNKNOWN: {
    class: 'inconclusive',
    meaning: 'A rule selects by labels of the Namespace and nobody could say what they are.',
    hint: 'pass --namespace-labels, or select by namespaces',
  },
  THRESHOLD_NOT_MET: {
    class: 'rejected',
    meaning:
      'Some of the signers that the rule asks for have signed, but not enough of them, or one key under two names.',
    hint: 'have the missing signers sign the digest',
  },
  TOO_MANY_COMBINATIONS: {
    class: 'inconclusive',
    meaning: 'The nested thresholds of a requirement have too many combinations to decide within bounds.',
    hint: 'write the requirement with less nesting',
  },
  WHERE_FAILED: {
    class: 'rejected',
    meaning:
      'The where of an attestation gave neither true nor false: something that it looks at is not there.',
    hint: 'name a field that is there, or ask first where it may be missing: has(predicate.builder) && predicate.builder.id == "..."',
  },
  WHERE_TIMEOUT: {
    class: 'inconclusive',
    meaning: 'The where of an attestation took longer than it may.',
    hint: 'nest fewer all, exists, map and filter over long lists',
  },
} as const satisfies Record<string, CodeEntry>;

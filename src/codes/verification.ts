// SPDX-License-Identifier: Apache-2.0
import type { CodeEntry } from './entry.ts';

/** What can be wrong with signatures. */
export const VERIFICATION_CODES = {
  UNSIGNED: {
    class: 'rejected',
    meaning: 'Both signature stores were read and neither holds a signature for this digest.',
    hint: 'sign it: cosign sign [--key KEY] IMAGE@DIGEST',
    hintIsFor: 'images',
  },
  NO_PLATFORM: {
    class: 'rejected',
    meaning: 'The rule says platforms: every, and the index holds no image that could be verified.',
    hint: 'push an index with images of named platforms',
    hintIsFor: 'images',
  },
  NOT_A_SIGNATURE: {
    class: 'rejected',
    meaning: 'What was found is an attestation, or of another type, and never counts as a signature.',
    hint: 'sign the image itself: cosign sign [--key KEY] IMAGE@DIGEST',
    hintIsFor: 'images',
  },
  ATTESTATION_MISSING: {
    class: 'rejected',
    meaning: 'Both stores were read and neither holds an attestation of this type for this digest.',
    hint: 'attest it: cosign attest --type TYPE --predicate FILE IMAGE@DIGEST',
    hintIsFor: 'images',
  },
  ATTESTATION_REJECTED: {
    class: 'rejected',
    meaning: 'An attestation is signed by whom the rule names, and its where is not true of what it says.',
    hint: 'read what it says: cosign download attestation IMAGE',
    hintIsFor: 'images',
  },
  ATTESTATION_TIME_UNKNOWN: {
    class: 'rejected',
    meaning:
      'The rule asks for the newest attestation, and nothing that is trusted proves when this one was made.',
    hint: 'attest it again with a log entry or a timestamp, or use the quantifier every',
  },
  SIGNATURE_INVALID: {
    class: 'rejected',
    meaning: 'The signature was not made with this key over this content.',
    hint: 'check that the policy names the key that signed: cosign verify --key KEY IMAGE',
    hintIsFor: 'images',
  },
  SIGNATURE_MALFORMED: {
    class: 'rejected',
    meaning: 'The signature is missing, not base64, or not of the form its algorithm has.',
    hint: 'sign it again',
  },
  PAYLOAD_MALFORMED: {
    class: 'rejected',
    meaning: 'What was signed is not a simple-signing payload or an in-toto statement that can be read.',
    hint: 'sign it again with a current cosign',
  },
  PAYLOAD_TYPE_WRONG: {
    class: 'rejected',
    meaning: 'The signed payload is not of the type "cosign container image signature".',
    hint: 'sign it with: cosign sign',
  },
  PAYLOAD_DIGEST_MISMATCH: {
    class: 'rejected',
    meaning: 'The signature is for another digest than the image that would run.',
    hint: 'sign this digest: cosign sign [--key KEY] IMAGE@DIGEST',
    hintIsFor: 'images',
  },
  IDENTITY_MISMATCH: {
    class: 'rejected',
    meaning:
      'Somebody else signed than the policy wants, or, where the signer demands signedIdentity, for another repository.',
    hint: 'see who may sign it: countersign policy explain IMAGE --policy FILE',
    hintIsFor: 'images',
  },
  ANNOTATION_MISMATCH: {
    class: 'rejected',
    meaning: 'The signature lacks an annotation that the signer demands, or has another value.',
    hint: 'sign again with: cosign sign -a NAME=VALUE',
  },
  KEY_NOT_YET_VALID: {
    class: 'rejected',
    meaning: 'The key that made the signature is trusted only from its notBefore on.',
    hint: 'see the key window in the policy',
    hintIsFor: 'images',
  },
  KEY_EXPIRED: {
    class: 'rejected',
    meaning: 'The key that made the signature is trusted only until its notAfter.',
    hint: 'sign it again with a current key',
  },
  BUNDLE_MALFORMED: {
    class: 'rejected',
    meaning: 'The Sigstore bundle cannot be read: not JSON, unknown or missing fields, or out of its bounds.',
    hint: 'sign it again with a current cosign',
  },
  BUNDLE_VERSION_UNSUPPORTED: {
    class: 'rejected',
    meaning: 'The Sigstore bundle has a media type other than version 0.1 to 0.3.',
    hint: 'sign it with a tool that writes bundles v0.3',
  },
  BUNDLE_CERTIFICATE: {
    class: 'rejected',
    meaning: 'The bundle was signed with a certificate, and the policy trusts keys.',
    hint: 'sign the image with the key: cosign sign --key KEY IMAGE@DIGEST; or let the policy name who signed (keyless)',
    hintIsFor: 'images',
  },
  CERTIFICATE_KEY_MISMATCH: {
    class: 'rejected',
    meaning: 'The signature carries a certificate whose public key is not the key of the policy.',
    hint: 'sign the image with the key of the policy, without a certificate',
    hintIsFor: 'images',
  },
  CERTIFICATE_MALFORMED: {
    class: 'rejected',
    meaning:
      'The certificate cannot be read: not X.509 version 3 in DER, or its names contradict each other.',
    hint: 'sign the image again with a certificate of the authority that the policy trusts',
    hintIsFor: 'images',
  },
  CERTIFICATE_UNTRUSTED: {
    class: 'rejected',
    meaning: 'No authority of the trust root issued the certificate for code signing.',
    hint: 'name the trust root of that authority (trustRoot of the signer, or --trusted-root FILE), after a look at those there are: countersign trust show',
  },
  CERTIFICATE_NOT_VALID_THEN: {
    class: 'rejected',
    meaning: 'The certificate, or an authority above it, was not valid at the time of the signature.',
    hint: 'sign it again, within the life of the certificate',
  },
  SCT_INVALID: {
    class: 'rejected',
    meaning: 'The certificate carries too few timestamps of certificate logs that the trust root knows.',
    hint: 'check that the trust root has the certificate log (ctlogs, ctKeys) of the authority that signed: countersign trust show; one that logs no certificates needs scts: 0 of the signer',
  },
  LOG_ENTRY_INVALID: {
    class: 'rejected',
    meaning:
      'The transparency log does not vouch for the entry: its promise, proof or checkpoint does not hold.',
    hint: 'sign it again, and check that the trust root has the key of the log: countersign trust show',
  },
  LOG_ENTRY_MISMATCH: {
    class: 'rejected',
    meaning: 'The entry of the transparency log is about another signature, certificate, key or content.',
    hint: 'sign it again: the entry was taken from elsewhere',
  },
  CERTIFICATE_MISSING: {
    class: 'rejected',
    meaning: 'The policy knows the signer by a certificate, and the signature has none beside it.',
    hint: 'sign without a long-lived key: cosign sign IMAGE@DIGEST; or let the policy name the key that signs (key)',
    hintIsFor: 'images',
  },
  LOG_ENTRY_MISSING: {
    class: 'rejected',
    meaning: 'The signature stands in fewer transparency logs of the trust root than the signer demands.',
    hint: 'sign with a log: cosign sign IMAGE@DIGEST; or, where the trust root lacks the log of an entry, add it: countersign trust show',
    hintIsFor: 'images',
  },
  TIMESTAMP_MISSING: {
    class: 'rejected',
    meaning: 'The signature has fewer timestamps by authorities of the trust root than the signer demands.',
    hint: 'sign with a timestamp authority: cosign sign --signing-config FILE IMAGE@DIGEST; or, where the trust root lacks that authority, add it: countersign trust show',
    hintIsFor: 'images',
  },
  TIME_UNPROVEN: {
    class: 'rejected',
    meaning:
      'Nothing proves when the signature was made, so nobody can say that its certificate was valid then.',
    hint: 'sign with a timestamp authority: cosign sign --signing-config FILE IMAGE@DIGEST; or, where the trust root lacks that authority, add it: countersign trust show',
    hintIsFor: 'images',
  },
  NOT_AN_ATTESTATION: {
    class: 'rejected',
    meaning: 'What was found is a signature of the image, and never counts as an attestation.',
    hint: 'attest the image: cosign attest --type TYPE --predicate FILE IMAGE@DIGEST',
    hintIsFor: 'images',
  },
  ALGORITHM_UNSUPPORTED: {
    class: 'rejected',
    meaning: 'The signature needs an algorithm that does not fit the key of the policy.',
    hint: 'see the table of algorithms in docs/reference/policy.md',
  },
  TIMESTAMP_MALFORMED: {
    class: 'rejected',
    meaning: 'A timestamp of the signature is not an RFC 3161 response that can be read.',
    hint: 'sign it again, with a timestamp authority that answers with SHA-256 or better',
  },
  TIMESTAMP_INVALID: {
    class: 'rejected',
    meaning: 'A timestamp is over something else, or not by an authority that was trusted at its time.',
    hint: 'check that the trust root names the timestamp authority that was used, and since when',
  },
} as const satisfies Record<string, CodeEntry>;

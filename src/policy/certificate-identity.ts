// SPDX-License-Identifier: Apache-2.0

/**
 * The extensions of Fulcio's certificates by the names of its documentation (fulcio, `docs/oid-info.md`), as the last
 * arc of their object identifiers below 1.3.6.1.4.1.57264.1. Up to 6 they hold raw text, from 8 on a DER UTF8String.
 */
export const CLAIMS = {
  githubWorkflowTrigger: 2,
  githubWorkflowSHA: 3,
  githubWorkflowName: 4,
  githubWorkflowRepository: 5,
  githubWorkflowRef: 6,
  buildSignerURI: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryURI: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15,
  sourceRepositoryOwnerURI: 16,
  sourceRepositoryOwnerIdentifier: 17,
  buildConfigURI: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationURI: 21,
  sourceRepositoryVisibilityAtSigning: 22,
  deploymentEnvironment: 23,
  tokenSubject: 24,
} as const;

/** The name of a claim. */
export type ClaimName = keyof typeof CLAIMS;

/** The kinds of subject alternative names that an identity can be. */
export type SubjectKind = 'uri' | 'email' | 'dns' | 'otherName';

/**
 * Who a certificate says its holder is. A certificate has one subject: of several names the URI, else the e-mail address,
 * else the otherName, else the DNS name.
 */
export type CertificateIdentity = {
  /** Empty where the certificate names none. */
  readonly issuer: string;
  readonly subject: { readonly kind: SubjectKind; readonly value: string };
  readonly claims: Readonly<Partial<Record<ClaimName, string>>>;
};

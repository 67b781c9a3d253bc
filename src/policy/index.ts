// SPDX-License-Identifier: Apache-2.0
export {
  type CertificateIdentity,
  CLAIMS,
  type ClaimName,
  type SubjectKind,
} from './certificate-identity.ts';
export { type CompileOptions, checkPolicyNames, compilePolicies, compilePolicy } from './compile.ts';
export type {
  AttestationRequirement,
  ClaimTest,
  CompiledPolicy,
  Demands,
  Exemption,
  HashName,
  KeylessSigner,
  KeySigner,
  Mode,
  NamespaceMode,
  Requirement,
  Rule,
  SignaturePlace,
  Signer,
  SubjectTest,
  TextTest,
  VerificationKey,
  Where,
  WhereInput,
} from './compiled-policy.ts';
export {
  describeAttestation,
  describeDenial,
  describePlace,
  describeRequirement,
  describeRule,
} from './describe.ts';
export { type ExplainedRule, type Explanation, explain } from './explain.ts';
export type { Finding, FindingLevel } from './finding.ts';
export { identityMismatch } from './identity-match.ts';
export { formatIssue, PolicyError, type PolicyIssue } from './issue.ts';
export { type PublicKey, parsePublicKey, publicKeyOf } from './key.ts';
export { lintPolicy, lintPolicyText } from './lint.ts';
export { literalClaims, literalIssuer, literalSubject } from './literal-identity.ts';
export { type Match, match, type RuleMatch, type Undecided } from './match.ts';
export { type Marks, personOf } from './one-person.ts';
export { type ImagePattern, parsePattern } from './pattern.ts';
export { parseRegexp } from './regexp.ts';
export { isSatisfied, type ProvenIdentities } from './satisfaction.ts';
export { policyJsonSchema, type TrustPolicyDocument } from './schema.ts';
export { type Scope, strictestMode, strictestPossibleMode } from './scope.ts';
export type { ReadFile } from './signer-keys.ts';
export { editDistance } from './suggest.ts';
export { lastDayBefore } from './time.ts';

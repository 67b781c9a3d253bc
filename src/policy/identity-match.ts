// SPDX-License-Identifier: Apache-2.0
import { quoteIdentity } from '../image/quote.ts';
import type { CertificateIdentity, SubjectKind } from './certificate-identity.ts';
import type { ClaimTest, KeylessSigner, TextTest } from './compiled-policy.ts';
import { adviseOnIssuer, adviseOnSubject, describeCaller } from './identity-advice.ts';
import { wantsNoIssuer } from './issuer.ts';

/** The kinds of subjects in words. */
const KIND_WORDS: Readonly<Record<SubjectKind, string>> = {
  uri: 'URI',
  email: 'e-mail address',
  dns: 'DNS name',
  otherName: 'otherName',
};

/**
 * What keeps a certificate's identity from being the one of a signer, as what was found and what was wanted: of issuer, subject
 * and claims the first that differs. `undefined`: it is the signer's. A certificate that names no issuer is nobody's but of
 * who wants none.
 */
export function identityMismatch(signer: KeylessSigner, identity: CertificateIdentity): string | undefined {
  return (
    issuerMismatch(signer, identity) ??
    subjectMismatch(signer, identity) ??
    signer.claims.map((test) => claimMismatch(test, identity)).find((message) => message !== undefined)
  );
}

/** A test in words: a text or pattern as it is written, or what it must match. */
export function describeTest({ text, regexp, literal }: TextTest): string {
  if (literal !== undefined) return describeLiteral(literal);
  return regexp
    ? `what matches, as a whole, the regular expression ${quoteIdentity(text)}`
    : quoteIdentity(text);
}

/** Beside what was found, a text with an asterisk would read as a pattern that holds. */
function describeLiteral(text: string): string {
  const quoted = quoteIdentity(text);
  return text.includes('*') ? `${quoted} to the letter, since * is no wildcard here` : quoted;
}

/** The test of a subject in words: where it is neither a text nor a pattern, that it may be any. */
export function describeSubject({ subject, unsafeAnySubject }: KeylessSigner): string {
  return unsafeAnySubject ? 'any subject' : describeTest(subject);
}

/** The test of an issuer in words. */
export function describeIssuer({ issuer }: KeylessSigner): string {
  return wantsNoIssuer(issuer) ? 'none' : describeTest(issuer);
}

function issuerMismatch(signer: KeylessSigner, identity: CertificateIdentity): string | undefined {
  const { issuer, subject } = identity;
  const wanted = `wanted ${describeIssuer(signer)} (of ${describeSubject(signer)})`;
  if (issuer === '' && !wantsNoIssuer(signer.issuer))
    return `found a certificate without an issuer; ${wanted}`;
  if (signer.issuer.matches(issuer)) return undefined;
  return `found the issuer ${quoteIdentity(issuer)} (of ${quoteIdentity(subject.value)}); ${wanted}${adviseOnIssuer(signer.issuer, identity)}`;
}

function subjectMismatch(
  { subject: wanted }: KeylessSigner,
  identity: CertificateIdentity,
): string | undefined {
  const { kind, value } = identity.subject;
  const isKind = wanted.kinds.includes(kind);
  if (isKind && wanted.matches(value)) return undefined;
  const kinds = isKind ? '' : ` (which is no ${wanted.kinds.map((one) => KIND_WORDS[one]).join(' or ')})`;
  const found = `found the ${KIND_WORDS[kind]} ${quoteIdentity(value)} as subject${kinds}`;
  const caller = describeCaller(wanted, identity);
  return `${found}${caller}; wanted ${describeTest(wanted)}${adviseOnSubject(wanted, identity)}`;
}

function claimMismatch(wanted: ClaimTest, { claims, subject }: CertificateIdentity): string | undefined {
  const found = Object.hasOwn(claims, wanted.name) ? claims[wanted.name] : undefined;
  if (found !== undefined && wanted.matches(found)) return undefined;
  const value = found === undefined ? `no ${wanted.name}` : `the ${wanted.name} ${quoteIdentity(found)}`;
  return `found ${value} in the certificate of ${quoteIdentity(subject.value)}; wanted ${describeTest(wanted)}`;
}

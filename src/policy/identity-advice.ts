// SPDX-License-Identifier: Apache-2.0
import { quoteIdentity } from '../image/quote.ts';
import type { CertificateIdentity } from './certificate-identity.ts';
import type { SubjectTest, TextTest } from './compiled-policy.ts';
import { parseSubjectPattern } from './subject-pattern.ts';

/*
 * What a look at two long texts does not show. Certificates whose identity differs are not verified, so nothing here may say that
 * what was found should be allowed: only how the two differ.
 */

/** Why a subject that looks like the wanted one is none, in words; empty where both texts say it. */
export function adviseOnSubject({ text, regexp }: SubjectTest, { subject }: CertificateIdentity): string {
  const { value } = subject;
  if (regexp || subject.kind !== 'uri') return '';
  if (value.startsWith(`${text}@`)) return ' (subjects of workflows end with @ and a ref)';
  const [, name] = /@([^@/]+)$/.exec(text) ?? [];
  if (name !== undefined && isShortFor(text, name, value)) {
    return ' (a ref is written in full, such as refs/heads/main or refs/tags/v1)';
  }
  return matchesWithDeeper(text, value) ? ' (* takes one segment between slashes, ** several)' : '';
}

/** Of a workflow that another repository called: which one that says it was, where the subject names the workflow alone. */
export function describeCaller({ text }: TextTest, { subject, claims }: CertificateIdentity): string {
  const caller = claims.sourceRepositoryURI ?? '';
  const isBorrowed = caller !== '' && !subject.value.startsWith(`${caller}/`);
  return isBorrowed && text.startsWith(`${caller}/`) ? ` (called from ${quoteIdentity(caller)})` : '';
}

/** Whether issuers differ in nothing that people see: a slash at the end, or the case of letters. */
export function adviseOnIssuer({ text, regexp }: TextTest, { issuer }: CertificateIdentity): string {
  const isAlike = !regexp && plain(text) === plain(issuer);
  return isAlike ? ' (issuers are compared to the letter)' : '';
}

function plain(issuer: string): string {
  return issuer.replace(/\/$/, '').toLowerCase();
}

function isShortFor(text: string, name: string, found: string): boolean {
  const workflow = text.slice(0, -name.length);
  return ['heads', 'tags'].some((kind) => found === `${workflow}refs/${kind}/${name}`);
}

/** Whether the pattern would match with `**` for each segment that is a `*`. */
function matchesWithDeeper(text: string, found: string): boolean {
  const deeper = text.replace(/(?<=[/@])\*(?=[/@]|$)/g, '**');
  if (deeper === text) return false;
  try {
    return parseSubjectPattern(deeper).matches(found);
  } catch {
    return false;
  }
}

// SPDX-License-Identifier: Apache-2.0
import type { SubjectKind } from './certificate-identity.ts';
import type { SubjectTest } from './compiled-policy.ts';
import { invalidText } from './issue.ts';
import { checkText, labelsTest, parseSegmentPattern, segmentsTest } from './segment-pattern.ts';

/** Every kind of subject: what a test looks at that is not written as one of them. */
export const SUBJECT_KINDS: readonly SubjectKind[] = ['uri', 'email', 'dns', 'otherName'];

/**
 * The test of a `subject`. How it is written says which names of a certificate it looks at, so that no kind of name can pass for
 * another: with `://` URIs, with an `@` e-mail addresses, with neither DNS names and Fulcio's otherNames. The
 * whole name is compared, case and all; `*` crosses neither `/` nor `@`, nor a dot in a host, and `**` stands for
 * one or more segments between slashes.
 *
 * @throws CountersignError POLICY_INVALID
 */
export function parseSubjectPattern(text: string): SubjectTest {
  checkText(text);
  if (text.includes(' '))
    throw invalidText('a subject has no spaces; one that does goes under subjectRegexp');
  if (text.includes('*')) refuseAnySubject(text);
  if (text.includes('://')) return { ...parseSegmentPattern(text), kinds: ['uri'] };
  if (text.includes('/')) {
    throw invalidText('a / and no scheme: a URI begins with one, such as https://');
  }
  const [local = '', domain, ...more] = text.split('@');
  if (more.length > 0) throw invalidText('more than one @, and an e-mail address has one');
  if (domain === undefined) return { text, kinds: ['dns', 'otherName'], matches: labelsTest(text) };
  if (local === '' || domain === '') throw invalidText('not an e-mail address');
  return { text, kinds: ['email'], matches: emailTest(local, domain) };
}

/** A `*` before the `@` takes dots as well: people have several names. */
function emailTest(local: string, domain: string): (address: string) => boolean {
  if (local.includes('**')) throw invalidText('** stands for segments between slashes; here * is enough');
  const matchesLocal = segmentsTest(local);
  const matchesDomain = labelsTest(domain);
  return (address) => {
    const [foundLocal = '', foundDomain, ...more] = address.split('@');
    return (
      foundLocal !== '' &&
      foundDomain !== undefined &&
      more.length === 0 &&
      matchesLocal(foundLocal) &&
      matchesDomain(foundDomain)
    );
  };
}

/** Wildcards alone: whoever the issuer knows could have signed. */
function refuseAnySubject(text: string): void {
  const path = text.slice(text.indexOf('://') + 1);
  if (/[^*/@.:]/.test(text.includes('://') ? path : text)) return;
  throw invalidText('names nobody: if every subject may sign, write unsafeAnySubject: true instead');
}

// SPDX-License-Identifier: Apache-2.0
import type { ClaimName } from './certificate-identity.ts';
import { parseIssuer } from './issuer.ts';
import { literalRegexp } from './regexp.ts';
import type { KeylessDocument } from './schema-signer.ts';
import { parseSegmentPattern } from './segment-pattern.ts';
import { parseSubjectPattern } from './subject-pattern.ts';

/** What a policy says of exactly this subject, whatever characters it has. Never throws. */
export function literalSubject(text: string): Pick<KeylessDocument, 'subject' | 'subjectRegexp'> {
  // As a pattern it would be no URI, and there are such without a host.
  const isUrn = text.includes(':') && !text.includes('://');
  return !isUrn && standsForItself(text, parseSubjectPattern)
    ? { subject: text }
    : { subjectRegexp: literalRegexp(text) };
}

/** What a policy says of exactly this issuer. Never throws. */
export function literalIssuer(text: string): Pick<KeylessDocument, 'issuer' | 'issuerRegexp'> {
  return standsForItself(text, parseIssuer) ? { issuer: text } : { issuerRegexp: literalRegexp(text) };
}

/** What a policy says of exactly these values of claims. Never throws. */
export function literalClaims(
  values: Readonly<Partial<Record<ClaimName, string>>>,
): Pick<KeylessDocument, 'claims' | 'claimsRegexp'> {
  const entries = Object.entries(values);
  const [plain, odd] = [true, false].map((wanted) =>
    entries.filter(([, value]) => standsForItself(value, parseSegmentPattern) === wanted),
  );
  const escaped = odd?.map(([name, value]) => [name, literalRegexp(value)] as const) ?? [];
  return {
    ...(plain?.length ? { claims: Object.fromEntries(plain) } : {}),
    ...(escaped.length ? { claimsRegexp: Object.fromEntries(escaped) } : {}),
  };
}

function standsForItself(text: string, parse: (text: string) => unknown): boolean {
  if (text.includes('*')) return false;
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

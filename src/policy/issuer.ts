// SPDX-License-Identifier: Apache-2.0
import type { TextTest } from './compiled-policy.ts';
import { invalidText } from './issue.ts';
import { checkText } from './segment-pattern.ts';

/** The issuer of GitHub Actions; enterprises may have one of their own below it. */
const GITHUB = 'https://token.actions.githubusercontent.com';

/** What a policy says for the issuer of certificates that name none, as those of an authority of one's own without Fulcio. */
const NO_ISSUER = 'none';

/**
 * The test of an issuer, which is compared exactly; `none` is the certificate that names none.
 *
 * @throws CountersignError POLICY_INVALID
 */
export function parseIssuer(text: string): TextTest {
  checkText(text);
  if (text === NO_ISSUER) return { text, matches: (issuer) => issuer === '' };
  if (text.includes(' ')) throw invalidText('an issuer has no spaces');
  if (text.includes('*'))
    throw invalidText('issuers are exact; a regular expression stands under issuerRegexp');
  return { text, matches: (issuer) => issuer === text };
}

/** Whether it is certificates without an issuer that are wanted. A regular expression never wants them, whatever it matches. */
export function wantsNoIssuer({ regexp, matches }: TextTest): boolean {
  return !regexp && matches('');
}

/** The issuers of GitHub Enterprise: in the cloud with a host of its own, and on servers of one's own. */
const GITHUB_ENTERPRISE = /^https:\/\/(?:token\.actions\.[^/]+\.ghe\.com(?:\/.*)?|[^/]+\/_services\/token)$/;

/** What only issuers of GitHub have in them. */
const GITHUB_PARTS = [new URL(GITHUB).host, '.ghe.com', '/_services/token'];

/** Whether certificates for GitHub Actions may have this issuer, by all that its text says. */
export function isGithubIssuer({ text, regexp, matches }: TextTest): boolean {
  const plain = text.replaceAll('\\', '');
  if (regexp) return matches(GITHUB) || GITHUB_PARTS.some((part) => plain.includes(part));
  return text === GITHUB || text.startsWith(`${GITHUB}/`) || GITHUB_ENTERPRISE.test(text);
}

/** The issuer that a text means which no certificate has: that of GitHub Actions in another spelling. */
export function meantIssuer({ text, regexp }: TextTest): string | undefined {
  const isOther = !regexp && text !== GITHUB;
  return isOther && `https://${text.replace(/^https?:\/\//i, '').replace(/\/$/, '')}`.toLowerCase() === GITHUB
    ? GITHUB
    : undefined;
}

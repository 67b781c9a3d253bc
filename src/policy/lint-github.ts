// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import type { ClaimName } from './certificate-identity.ts';
import { namesOwner } from './claim-owner.ts';
import type { ClaimTest, KeylessSigner } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { isGithubIssuer, meantIssuer } from './issuer.ts';
import { signerFinding } from './lint-signer-finding.ts';

type Form = { readonly is: RegExp; readonly like: string };
const REPOSITORY_URI: Form = { is: /:\/\//, like: 'https://github.com/OWNER/NAME' };
const REF: Form = { is: /^refs\//, like: 'refs/heads/BRANCH or refs/tags/TAG' };

/** How GitHub writes the claims that are easily mistaken for one another. */
const FORMS: Readonly<Partial<Record<ClaimName, Form>>> = {
  sourceRepositoryURI: REPOSITORY_URI,
  sourceRepositoryOwnerURI: { ...REPOSITORY_URI, like: 'https://github.com/OWNER' },
  sourceRepositoryRef: REF,
  githubWorkflowRef: REF,
  githubWorkflowRepository: { is: /^(?!.*:\/\/)/, like: 'OWNER/NAME' },
};

/** What an identity of GitHub Actions leaves open, and what GitHub writes otherwise, so that it never matches. */
export function lintGithub(signer: KeylessSigner): FindingAt[] {
  return [...lintIssuer(signer), ...(isGithubIssuer(signer.issuer) ? lintWorkflow(signer) : [])];
}

/** GitHub's issuer is everybody's, and the subject names the workflow that ran, which other repositories can call. */
function lintWorkflow(signer: KeylessSigner): FindingAt[] {
  const { name, subject, claims, unsafeAnyCaller } = signer;
  const findings: FindingAt[] = [];
  if (!unsafeAnyCaller && !claims.some(namesOwner)) {
    const message =
      `signer ${name} names no source repository or owner: other repositories can call the workflow of its subject ` +
      '(allowed: claims with sourceRepository or sourceRepositoryOwner, without a wildcard in the owner, or unsafeAnyCaller: true)';
    findings.push(signerFinding('error', signer, ['keyless'], message));
  }
  const isUri = subject.kinds.includes('uri');
  if (!isUri || (subject.kinds.length === 1 && !subject.text.includes('@'))) {
    const wanted = isUri
      ? 'end with @ and a ref, which * and ** do not cross'
      : 'are URIs such as https://github.com/OWNER/NAME/.github/workflows/FILE@REF';
    const message = `signer ${name} never matches: subjects by GitHub ${wanted}`;
    findings.push(signerFinding('warning', signer, ['keyless', 'subject'], message));
  }
  return [...findings, ...claims.flatMap((claim) => lintForm(signer, claim))];
}

/** Issuers are compared to the letter, and the address of one is easily taken from elsewhere. */
function lintIssuer(signer: KeylessSigner): FindingAt[] {
  const meant = meantIssuer(signer.issuer);
  if (meant === undefined) return [];
  const message = `signer ${signer.name} never matches: the issuer of GitHub Actions is ${meant}, found ${quote(signer.issuer.text)}`;
  return [signerFinding('warning', signer, ['keyless', 'issuer'], message)];
}

/** How GitHub writes a claim; in the other way it is just as true, and never matches. */
function lintForm(signer: KeylessSigner, { name, text, regexp }: ClaimTest): FindingAt[] {
  const form = FORMS[name];
  if (regexp || form === undefined || text.startsWith('*') || form.is.test(text)) return [];
  const message = `signer ${signer.name} never matches: GitHub writes ${name} as ${form.like}, found ${quote(text)}`;
  return [signerFinding('warning', signer, ['keyless', 'claims'], message)];
}

// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import type { ClaimName } from './certificate-identity.ts';
import { namesOwner } from './claim-owner.ts';
import type { ClaimTest, CompiledPolicy, KeylessSigner, TextTest } from './compiled-policy.ts';
import type { FindingAt, FindingLevel } from './finding.ts';
import { formatPath } from './issue.ts';
import { isGithubIssuer, meantIssuer } from './issuer.ts';
import { everybodyIn } from './lint-shared.ts';

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

/** Subjects and an issuer that nobody meant, since there are no such hosts (RFC 2606 §2). */
const ANY_SUBJECTS = [
  'anybody@anything.invalid',
  'https://anything.invalid/anybody',
  'https://anything.invalid/anybody/anything/.github/workflows/anything.yaml@refs/heads/anything',
  'anything.invalid',
];
const ANY_ISSUERS = ['https://anything.invalid', 'https://anything.invalid/anything'];

/** What identities let in beyond the defaults, what GitHub's leave open, and what is probably a mistake in them. */
export function lintKeyless(policy: CompiledPolicy): FindingAt[] {
  const signers = [...policy.signers.values()].filter((signer) => signer.kind === 'keyless');
  return [
    ...signers.flatMap((signer) => [
      ...lintUnsafe(signer),
      ...lintIssuer(signer),
      ...lintAnybody(signer),
      ...lintDemands(signer),
      ...(isGithubIssuer(signer.issuer) ? lintGithub(signer) : []),
      ...lintOpenEnds(signer),
    ]),
    ...lintSameIdentities(signers),
  ];
}

function lintUnsafe(signer: KeylessSigner): FindingAt[] {
  const { name, unsafeAnySubject, unsafeAnyCaller, demands } = signer;
  const findings: FindingAt[] = [];
  const add = (keys: readonly string[], effect: string) =>
    findings.push(finding('road-in', signer, keys, `signer ${name}: ${keys.at(-1)}, so ${effect}`));
  if (unsafeAnySubject) add(['keyless', 'unsafeAnySubject'], 'whoever the issuer knows may sign');
  if (unsafeAnyCaller) {
    add(['keyless', 'unsafeAnyCaller'], 'whoever calls the workflow, from any repository, may sign');
  }
  if (demands.unsafeNoTime)
    add(['unsafeNoTime'], 'nothing proves that the certificate was valid when it signed');
  return findings;
}

/** What is not called unsafe and says the same: `.*`, or all of one kind of name. A claim with the owner keeps others out. */
function lintAnybody(signer: KeylessSigner): FindingAt[] {
  const { name, issuer, subject, unsafeAnySubject, claims } = signer;
  const findings: FindingAt[] = [];
  const add = (key: string, { text }: TextTest, effect: string) => {
    const message = `signer ${name}: ${text} matches whatever stands there, so ${effect}`;
    findings.push(finding('road-in', signer, ['keyless', key], message));
  };
  if (issuer.regexp && ANY_ISSUERS.some(issuer.matches)) {
    add('issuerRegexp', issuer, 'any issuer that the authority believes may vouch');
  }
  if (!unsafeAnySubject && !claims.some(namesOwner) && ANY_SUBJECTS.some(subject.matches)) {
    add(subject.regexp ? 'subjectRegexp' : 'subject', subject, 'whoever the issuer knows may sign');
  } else {
    findings.push(...lintEverybody(signer));
  }
  return findings;
}

/** A host is named, and it is everybody's. */
function lintEverybody(signer: KeylessSigner): FindingAt[] {
  const { name, subject } = signer;
  const everybody = everybodyIn(signer);
  if (everybody === undefined) return [];
  const message = `signer ${name}: ${subject.text} takes in ${everybody}, and no claim names an owner, so any of them may sign`;
  return [finding('road-in', signer, ['keyless', subject.regexp ? 'subjectRegexp' : 'subject'], message)];
}

function lintDemands(signer: KeylessSigner): FindingAt[] {
  const { name, demands } = signer;
  const findings: FindingAt[] = [];
  if (demands.logEntries === 0) {
    const message = `signer ${name}: log: none, so a signature counts that no transparency log shows`;
    findings.push(finding('road-in', signer, ['log'], message));
  }
  if (demands.scts === 0) {
    const message = `signer ${name}: scts: 0, so a certificate counts that no certificate log shows`;
    findings.push(finding('road-in', signer, ['scts'], message));
  }
  return findings;
}

/** GitHub's issuer is everybody's, and the subject names the workflow that ran, which other repositories can call. */
function lintGithub(signer: KeylessSigner): FindingAt[] {
  const { name, subject, claims, unsafeAnyCaller } = signer;
  const findings: FindingAt[] = [];
  if (!unsafeAnyCaller && !claims.some(namesOwner)) {
    const message =
      `signer ${name} names no source repository or owner: other repositories can call the workflow of its subject ` +
      '(allowed: claims with sourceRepository or sourceRepositoryOwner, without a wildcard in the owner, or unsafeAnyCaller: true)';
    findings.push(finding('error', signer, ['keyless'], message));
  }
  const isUri = subject.kinds.includes('uri');
  if (!isUri || (subject.kinds.length === 1 && !subject.text.includes('@'))) {
    const wanted = isUri
      ? 'end with @ and a ref, which * and ** do not cross'
      : 'are URIs such as https://github.com/OWNER/NAME/.github/workflows/FILE@REF';
    const message = `signer ${name} never matches: subjects by GitHub ${wanted}`;
    findings.push(finding('warning', signer, ['keyless', 'subject'], message));
  }
  return [...findings, ...claims.flatMap((claim) => lintForm(signer, claim))];
}

/** Issuers are compared to the letter, and the address of one is easily taken from elsewhere. */
function lintIssuer(signer: KeylessSigner): FindingAt[] {
  const meant = meantIssuer(signer.issuer);
  if (meant === undefined) return [];
  const message = `signer ${signer.name} never matches: the issuer of GitHub Actions is ${meant}, found ${quote(signer.issuer.text)}`;
  return [finding('warning', signer, ['keyless', 'issuer'], message)];
}

/** How GitHub writes a claim; in the other way it is just as true, and never matches. */
function lintForm(signer: KeylessSigner, { name, text, regexp }: ClaimTest): FindingAt[] {
  const form = FORMS[name];
  if (regexp || form === undefined || text.startsWith('*') || form.is.test(text)) return [];
  const message = `signer ${signer.name} never matches: GitHub writes ${name} as ${form.like}, found ${quote(text)}`;
  return [finding('warning', signer, ['keyless', 'claims'], message)];
}

/** A repeated dot at the start or at the end, in groups or not. */
const OPEN_END = /^(?:\(\?[a-zA-Z]+\))?\^?(?:\((?:\?:)?)*\.[*+]|(?<!\\)\.[*+]\??\)*\$?$/;
/** A repeated dot between the scheme and the first slash. */
const OPEN_HOST = /:\\?\/\\?\/[^/]*?(?<!\\)\.[*+]/;

/** Regular expressions match whole texts here: who writes `.*` around one is used to searching. */
function lintOpenEnds(signer: KeylessSigner): FindingAt[] {
  const tests: readonly (readonly [keys: readonly string[], test: TextTest])[] = [
    [['issuerRegexp'], signer.issuer],
    [['subjectRegexp'], signer.subject],
    ...signer.claims.map((claim) => [['claimsRegexp', claim.name], claim] as const),
  ];
  return tests.flatMap(([keys, { text, regexp }]) => {
    if (!regexp) return [];
    const at = (message: string) => finding('warning', signer, ['keyless', ...keys.slice(0, 1)], message);
    const what = `signer ${signer.name}: ${keys.join('.')}`;
    if (OPEN_END.test(text))
      return [at(`${what} is open at an end (${text}), so whatever stands there matches`)];
    return OPEN_HOST.test(text)
      ? [
          at(
            `${what} is open in its host (${text}): a dot stands for slashes too, so the host may be another`,
          ),
        ]
      : [];
  });
}

/** One identity is one signer; where two names have it, the author may count on two. */
function lintSameIdentities(signers: readonly KeylessSigner[]): FindingAt[] {
  const first = new Map<string, KeylessSigner>();
  return signers.flatMap((signer) => {
    const identity = identityText(signer);
    const holder = first.get(identity);
    if (holder === undefined) first.set(identity, signer);
    const message =
      `signer ${signer.name} has the same identity as ${holder?.name}: ` +
      'one signature counts for one of them, so together they cannot satisfy atLeast';
    return holder === undefined ? [] : [finding('warning', signer, [], message)];
  });
}

function identityText({ trustRoot, issuer, subject, claims }: KeylessSigner): string {
  const written = ({ text, regexp }: TextTest) => [text, regexp];
  const sorted = claims.map((claim) => JSON.stringify([claim.name, written(claim)])).sort();
  return JSON.stringify([trustRoot, written(issuer), written(subject), sorted]);
}

function finding(
  level: FindingLevel,
  signer: KeylessSigner,
  keys: readonly string[],
  message: string,
): FindingAt {
  return { level, path: formatPath(['signers', signer.name, ...keys]), message };
}

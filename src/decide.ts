// SPDX-License-Identifier: Apache-2.0
import { asCountersignError, type Code } from './errors.ts';
import type { Digest } from './image/index.ts';
import {
  describeRequirement,
  isSatisfied,
  type Mode,
  type ProvenIdentities,
  personOf,
  type Requirement,
} from './policy/index.ts';
import type { SignatureOutcome } from './verify/index.ts';

/** What was found out about an image; only `verified` and `exempt` are a yes. */
export type Verdict = 'verified' | 'rejected' | 'inconclusive' | 'exempt';

/** A verdict with its code and its reason in plain words. */
export type Finding = {
  readonly verdict: Verdict;
  readonly code: Code;
  readonly message: string;
  /** The image below an index that it is about; absent where that is the image itself. */
  readonly child?: Digest;
};

/** What the deciding rule of one document says of an image, and in which mode. */
export type RuleFinding = Finding & { readonly policy: string; readonly rule: string; readonly mode: Mode };

/** What happens to an image: the strictest of all findings decides. */
export type Decision = Finding & { readonly decision: 'allow' | 'deny'; readonly mode: Mode };

/** A store that could not be asked: what is missing may be there. */
export type Unasked = { readonly code: Code; readonly message: string };

/**
 * Requirement × outcomes → finding. What verifies satisfies, whatever else failed; what is missing while
 * something could not be asked or read is inconclusive, and only otherwise rejected. `place` says where was looked,
 * where that is not the image's own repository.
 */
export function decideRequirement(
  requirement: Requirement,
  outcomes: readonly SignatureOutcome[],
  unasked: readonly Unasked[],
  place = '',
): Finding {
  const wanted = describeRequirement(requirement);
  try {
    if (isSatisfied(requirement, provenBy(outcomes))) {
      return { verdict: 'verified', code: 'VERIFIED', message: `wanted ${wanted}; found it` };
    }
  } catch (error) {
    const { code, message } = asCountersignError(error);
    return { verdict: 'inconclusive', code, message };
  }
  const unknown = unasked[0] ?? outcomes.find((outcome) => outcome.status === 'inconclusive');
  if (unknown !== undefined) {
    return { verdict: 'inconclusive', code: unknown.code, message: `wanted ${wanted}; ${unknown.message}` };
  }
  return rejected(wanted, outcomes, place);
}

/**
 * What a rule demands, each decided → one finding, since all of it must hold: the first that is rejected, else the first
 * that is not a yes, else a yes. Of no demand at all nothing is verified.
 */
export function decideAll(findings: readonly Finding[]): Finding {
  const [first, second] = findings;
  if (first === undefined) {
    return { verdict: 'inconclusive', code: 'INTERNAL_ERROR', message: 'the rule demands nothing' };
  }
  if (second === undefined) return first;
  const failed =
    findings.find(({ verdict }) => verdict === 'rejected') ??
    findings.find(({ verdict }) => verdict !== 'verified');
  return failed ?? { ...first, message: findings.map(({ message }) => message).join('; and ') };
}

/** What was found of one image below an index. */
type ChildFinding = { readonly digest: Digest; readonly platform: string; readonly finding: Finding };

/**
 * The findings of every image below an index → one finding: verified where each of them is, else the first that is
 * rejected, else the first that is not a yes. Of no image at all nothing is verified.
 */
export function decideEvery(children: readonly ChildFinding[]): Finding {
  const first = children[0];
  if (first === undefined) {
    const message = 'wanted an image for each platform; found none in the index';
    return { verdict: 'rejected', code: 'NO_PLATFORM', message };
  }
  const failed =
    children.find(({ finding }) => finding.verdict === 'rejected') ??
    children.find(({ finding }) => finding.verdict !== 'verified');
  if (failed === undefined) {
    const count = children.length === 1 ? 'the one image' : `each of ${children.length} images`;
    return { ...first.finding, message: `of ${count} of the index: ${first.finding.message}` };
  }
  const { digest, platform, finding } = failed;
  const name = platform === '' ? digest : `${platform} (${digest})`;
  return { ...finding, message: `${name}: ${finding.message}`, child: digest };
}

/** Who the outcomes prove to have signed for each signer's name: who shares a key is one person. */
export function provenBy(outcomes: readonly SignatureOutcome[]): ProvenIdentities {
  const verified = outcomes.filter(({ status }) => status === 'verified');
  const person = personOf(verified.flatMap(({ evidence }) => evidence ?? []));
  return (name) => {
    const identities = new Set<string>();
    for (const { signer, evidence } of verified) {
      if (signer === name && evidence !== undefined) identities.add(person(evidence.identity));
    }
    return identities;
  };
}

/**
 * Findings → decision, the only place that knows what enforce, warn and audit do: a finding that is not
 * `verified` or `exempt` denies in enforce and is let through in the other two. No finding at all denies.
 */
export function decideImage(findings: readonly RuleFinding[]): Decision {
  const strictest = strictestOf(findings);
  if (strictest === undefined) {
    const message = 'no finding was made for this image';
    return { decision: 'deny', mode: 'enforce', verdict: 'inconclusive', code: 'INTERNAL_ERROR', message };
  }
  const { verdict, code, message, mode, child } = strictest;
  const decision = isYes(verdict) || mode !== 'enforce' ? 'allow' : 'deny';
  return { decision, mode, verdict, code, message, ...(child === undefined ? {} : { child }) };
}

function strictestOf(findings: readonly RuleFinding[]): RuleFinding | undefined {
  const [only, other] = findings;
  return other === undefined ? only : findings.toSorted((a, b) => severity(b) - severity(a))[0];
}

/** Whether an image under this rule and mode gets its digest written in: `audit` and `allow` touch nothing. */
export function pinsImages(mode: Mode, rule: { readonly allow?: unknown }): boolean {
  return mode !== 'audit' && rule.allow === undefined;
}

function rejected(wanted: string, outcomes: readonly SignatureOutcome[], place: string): Finding {
  const [first, ...others] = outcomes;
  if (first === undefined) {
    const message = `wanted ${wanted}; found no signature in either store${place && ` of ${place}`}`;
    return { verdict: 'rejected', code: 'UNSIGNED', message };
  }
  const proven = describeProven(outcomes);
  if (proven !== '') {
    const message = `wanted ${wanted}; found signatures by ${proven} only`;
    return { verdict: 'rejected', code: 'THRESHOLD_NOT_MET', message };
  }
  return refused(wanted, [first, ...others]);
}

/**
 * The names of whose signatures hold, empty where none does; and whether two of them are one person, since that looks like enough
 * where `atLeast` counts.
 */
export function describeProven(outcomes: readonly SignatureOutcome[]): string {
  const names = [...new Set(outcomes.filter(({ status }) => status === 'verified').map((one) => one.signer))];
  const identities = provenBy(outcomes);
  const people = names.flatMap((name) => [...identities(name)]);
  const shared = new Set(people).size < people.length ? ' (some of them by one key or identity)' : '';
  return names.join(', ') + shared;
}

/** None of what was found counts: said by the one that came furthest before it failed. */
export function refused(
  wanted: string,
  outcomes: readonly [SignatureOutcome, ...(readonly SignatureOutcome[])],
): Finding {
  const [first, ...others] = outcomes;
  const telling = others.reduce(
    (best, one) => (progress(one.code) > progress(best.code) ? one : best),
    first,
  );
  const count = new Set(outcomes.map((one) => one.candidate)).size;
  const found = `found ${count === 1 ? '1 candidate' : `${count} candidates`}: ${telling.message}`;
  return { verdict: 'rejected', code: telling.code, message: `wanted ${wanted}; ${found}` };
}

/** How far a candidate got before it failed: the furthest one tells the user most. */
const PROGRESS: readonly Code[] = [
  'NOT_AN_ATTESTATION',
  'NOT_A_SIGNATURE',
  'PAYLOAD_TYPE_WRONG',
  'PAYLOAD_DIGEST_MISMATCH',
  'ALGORITHM_UNSUPPORTED',
  'BUNDLE_CERTIFICATE',
  'CERTIFICATE_MISSING',
  'CERTIFICATE_KEY_MISMATCH',
  'SIGNATURE_INVALID',
  'IDENTITY_MISMATCH',
  // Whom a certificate names is looked at first: what fails after that has the wanted name.
  'CERTIFICATE_UNTRUSTED',
  'LOG_ENTRY_MISSING',
  'LOG_ENTRY_INVALID',
  'LOG_ENTRY_MISMATCH',
  'TIMESTAMP_MISSING',
  'TIMESTAMP_INVALID',
  'TIME_UNPROVEN',
  'CERTIFICATE_NOT_VALID_THEN',
  'SCT_INVALID',
  'ANNOTATION_MISMATCH',
  'KEY_NOT_YET_VALID',
  'KEY_EXPIRED',
];

function progress(code: Code): number {
  return PROGRESS.indexOf(code);
}

const MODE_SEVERITY: Readonly<Record<Mode, number>> = { enforce: 6, warn: 4, audit: 2 };
const VERDICT_SEVERITY: Readonly<Record<Verdict, number>> = {
  rejected: 1,
  inconclusive: 0,
  verified: -1,
  exempt: -2,
};

function severity({ verdict, mode }: RuleFinding): number {
  return isYes(verdict) ? VERDICT_SEVERITY[verdict] : MODE_SEVERITY[mode] + VERDICT_SEVERITY[verdict];
}

function isYes(verdict: Verdict): boolean {
  return verdict === 'verified' || verdict === 'exempt';
}

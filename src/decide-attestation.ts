// SPDX-License-Identifier: Apache-2.0
import { describeProven, type Finding, provenBy, refused, type Unasked } from './decide.ts';
import { asCountersignError } from './errors.ts';
import { quote } from './image/quote.ts';
import { type AttestationRequirement, describeAttestation, isSatisfied } from './policy/index.ts';
import type { SignatureOutcome } from './verify/index.ts';

/** What one candidate says, as an attestation of the demanded type, about one signer of `by`. */
export type Attested = {
  /** `verified`: it is signed by that signer, and `where` is true of it. */
  readonly outcome: SignatureOutcome;
  /** Present where it is signed by that signer, whatever `where` says of it. */
  readonly authentic?: {
    /** Equal for what says the same by the same key, however often and wherever it is stored. */
    readonly content: string;
    /** When it was made, as far as that is proved; milliseconds since the epoch. */
    readonly times: readonly number[];
  };
};

/** Where was looked for attestations, if not beside the image, and the types of those that are there, unverified. */
type Looked = { readonly place?: string; readonly types?: readonly string[] };

/** A mistaken type is seen by the first others; anybody may put more of them there. */
const MOST_TYPES = 4;

/**
 * Attestations → finding. What is signed by nobody whom the rule names changes nothing, except that it cannot be said
 * to be missing. `unasked`: the stores that could not be read.
 *
 * - `every`: each that is authentic passes, and those satisfy `by`. One that fails is a no, and one that could not be
 *   read might be one that fails.
 * - `any`: those that pass satisfy `by`.
 * - `newest`: of each signer the newest passes, and those satisfy `by`.
 */
export function decideAttestation(
  requirement: AttestationRequirement,
  found: readonly Attested[],
  unasked: readonly Unasked[],
  looked: Looked = {},
): Finding {
  const ask = { requirement, wanted: describeAttestation(requirement), looked };
  const unread = found.find((one) => one.authentic === undefined && one.outcome.status === 'inconclusive');
  const unknown = unasked[0] ?? unread?.outcome;
  switch (requirement.quantifier) {
    case 'every':
      return decideEach(ask, found, unknown);
    case 'any':
      return decideAny(ask, found, unknown);
    case 'newest':
      return decideNewest(ask, found, unknown);
  }
}

type Ask = { readonly requirement: AttestationRequirement; readonly wanted: string; readonly looked: Looked };
type Authentic = Attested & Required<Pick<Attested, 'authentic'>>;

function decideEach(ask: Ask, found: readonly Attested[], unknown: Unasked | undefined): Finding {
  const authentic = found.filter(isAuthentic);
  const failed = authentic.find(({ outcome }) => outcome.status === 'rejected');
  if (failed !== undefined) return no(ask, failed.outcome);
  const open = unknown ?? inconclusiveOf(authentic);
  if (open !== undefined) return notYet(ask, authentic, open);
  return satisfied(ask, authentic) ?? missing(ask, found);
}

function decideAny(ask: Ask, found: readonly Attested[], unknown: Unasked | undefined): Finding {
  const yes = satisfied(ask, found);
  if (yes !== undefined) return yes;
  const open = unknown ?? inconclusiveOf(found);
  return open === undefined ? missing(ask, found) : maybe(ask, open);
}

/** What could not be read might be newer than all others. */
function decideNewest(ask: Ask, found: readonly Attested[], unknown: Unasked | undefined): Finding {
  const made = new Map<string, number>();
  for (const { authentic } of found) {
    if (authentic)
      made.set(authentic.content, Math.min(made.get(authentic.content) ?? Infinity, ...authentic.times));
  }
  const timeless = found.find((one) => isAuthentic(one) && made.get(one.authentic.content) === Infinity);
  if (timeless !== undefined) return no(ask, withoutTime(timeless.outcome));
  if (unknown !== undefined) return notYet(ask, found.filter(isAuthentic), unknown);
  const bySigner = Map.groupBy(found.filter(isAuthentic), ({ outcome }) => outcome.signer);
  const newest = [...bySigner.values()].flatMap((its) => newestOf(its, made));
  return decideEach(ask, [...newest, ...found.filter((one) => !isAuthentic(one))], undefined);
}

/** Several where nothing tells them apart. */
function newestOf(all: readonly Authentic[], made: ReadonlyMap<string, number>): Authentic[] {
  const latest = Math.max(...all.map((one) => timeOf(one, made)));
  return all.filter((one) => timeOf(one, made) === latest);
}

/**
 * Of one that passes the earliest time counts at which a key signed what it says, wherever that was found: anybody can have an
 * old one stamped, or logged, once more. Of any other its own: the signer may have come back to what it said before.
 */
function timeOf({ outcome, authentic }: Authentic, made: ReadonlyMap<string, number>): number {
  const first = made.get(authentic.content) ?? Infinity;
  if (outcome.status === 'verified' || authentic.times.length === 0) return first;
  return Math.min(...authentic.times);
}

function isAuthentic(one: Attested): one is Authentic {
  return one.authentic !== undefined;
}

function inconclusiveOf(found: readonly Attested[]): SignatureOutcome | undefined {
  return found.find(({ outcome }) => outcome.status === 'inconclusive')?.outcome;
}

function satisfied(ask: Ask, found: readonly Attested[]): Finding | undefined {
  const { requirement, wanted } = ask;
  try {
    if (!isSatisfied(requirement.by, provenBy(found.map(({ outcome }) => outcome)))) return undefined;
    return { verdict: 'verified', code: 'VERIFIED', message: `wanted ${wanted}; found it` };
  } catch (error) {
    return maybe(ask, asCountersignError(error));
  }
}

function missing(ask: Ask, found: readonly Attested[]): Finding {
  const { wanted, looked } = ask;
  const outcomes = found.map(({ outcome }) => outcome);
  const names = describeProven(outcomes);
  if (names !== '') {
    const message = `wanted ${wanted}; found such by ${names} only`;
    return { verdict: 'rejected', code: 'THRESHOLD_NOT_MET', message };
  }
  const authentic = found.find(isAuthentic);
  if (authentic !== undefined) return no(ask, authentic.outcome);
  const [first, ...others] = outcomes;
  if (first !== undefined) return refused(wanted, [first, ...others]);
  const message = `wanted ${wanted}; found none of this type in either store${describeLooked(looked)}`;
  return { verdict: 'rejected', code: 'ATTESTATION_MISSING', message };
}

function describeLooked({ place = '', types = [] }: Looked): string {
  const where = place && ` of ${place}`;
  if (types.length === 0) return where;
  const more = types.length > MOST_TYPES ? ' and more' : '';
  return `${where}, but ${types.slice(0, MOST_TYPES).map(quote).join(', ')}${more}`;
}

function no({ wanted }: Ask, { code, candidate, message }: SignatureOutcome): Finding {
  return { verdict: 'rejected', code, message: `wanted ${wanted}; found ${candidate}: ${message}` };
}

/** Why what was found does not suffice by itself, which `any` would be content with. */
const NOT_YET = {
  every: 'found it, but quantifier: every looks at all of them, and',
  newest: 'found it, but with quantifier: newest what was not read might be newer:',
};

/** Inconclusive, whatever else was found. */
function notYet(ask: Ask, found: readonly Authentic[], open: Unasked): Finding {
  const { quantifier } = ask.requirement;
  if (quantifier === 'any' || satisfied(ask, found)?.verdict !== 'verified') return maybe(ask, open);
  return maybe(ask, { ...open, message: `${NOT_YET[quantifier]} ${open.message}` });
}

function maybe({ wanted }: Ask, { code, message }: Unasked): Finding {
  return { verdict: 'inconclusive', code, message: `wanted ${wanted}; ${message}` };
}

function withoutTime(outcome: SignatureOutcome): SignatureOutcome {
  const message = `it is signed by ${outcome.signer}, and nothing proves when`;
  return { ...outcome, code: 'ATTESTATION_TIME_UNKNOWN', message };
}

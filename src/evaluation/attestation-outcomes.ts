// SPDX-License-Identifier: Apache-2.0
import type { Attested } from '../decide-attestation.ts';
import { asCountersignError, CODES } from '../errors.ts';
import { digestOf } from '../image/digest.ts';
import type { AttestationRequirement, Signer } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import { NO_NAMESPACE } from '../sharing/index.ts';
import {
  type AttestationStatement,
  attestationType,
  type Candidate,
  readAttestation,
  type SignatureOutcome,
  verifyAttestation,
} from '../verify/index.ts';
import { typeIn } from './attestation-types.ts';
import { keepAttested, recallAttested } from './attested-memo.ts';
import type { Basis } from './basis.ts';
import type { TaggedImage } from './proof-memo.ts';
import { isProven, provesMore, signersOf } from './signature-outcomes.ts';
import { inTurns, TURNS } from './turns.ts';

/** What a statement says, verified before. */
type Said = Omit<AttestationStatement, 'times'>;

/** What is asked of `verify/`, so that tests can say what is verified. */
export type Read = {
  readonly typeOf: (candidate: Candidate) => string | undefined;
  readonly verify: typeof verifyAttestation;
  readonly statement: (candidate: Candidate) => Said;
};

const READ: Read = { typeOf: attestationType, verify: verifyAttestation, statement: readAttestation };

/**
 * Candidates × the signers of `by`, and `where` for what these have signed. Only what is, by its unverified word, of
 * another type is left out: what cannot be read might be of this one. Only `any` ends early. Each of them waits for its turn, in
 * turn with all other verifications.
 *
 * @throws CountersignError the reason of the signal
 */
export async function verifyAttestations(
  requirement: AttestationRequirement,
  candidates: readonly Candidate[],
  image: TaggedImage,
  basis: Basis,
  { signal, tenants = NO_NAMESPACE }: Pick<Exchange, 'signal' | 'tenants'>,
  read: Read = READ,
): Promise<readonly Attested[]> {
  const found: Attested[] = [];
  const proven = new Set<string>();
  const inTurn = inTurns(TURNS, signal, tenants);
  for (const candidate of candidates) {
    const type = await typeIn(inTurn, candidate, read.typeOf);
    if (type !== undefined && type !== requirement.predicateType) continue;
    const before = found.length;
    for (const signer of signersOf(requirement.by)) {
      const known = recallAttested(candidate, requirement, signer, image, basis)?.judged;
      const attested =
        known ?? (await inTurn(() => attest(candidate, requirement, signer, image, basis, read)));
      if (type !== undefined || attested.outcome.status === 'inconclusive') found.push(attested);
    }
    const provesOneMore =
      requirement.quantifier === 'any' && provesMore(outcomesOf(found.slice(before)), proven);
    if (provesOneMore && isProven(requirement.by, outcomesOf(found))) break;
  }
  return found;
}

function attest(
  candidate: Candidate,
  requirement: AttestationRequirement,
  signer: Signer,
  image: TaggedImage,
  basis: Basis,
  read: Read,
): Attested {
  const known = recallAttested(candidate, requirement, signer, image, basis)?.signed;
  if (known !== undefined) return judge(known, readAgain(candidate, read), requirement, image, basis);
  const { outcome, statement } = read.verify(candidate, signer, image, basis.now, basis.trust);
  const signed = signedAs({ ...outcome, attestation: requirement.predicateType }, statement, requirement);
  const judged = judge(signed, statement, requirement, image, basis);
  keepAttested(candidate, requirement, signer, image, basis, signed, judged);
  return judged;
}

function readAgain(candidate: Candidate, { statement }: Read): Said | undefined {
  try {
    return statement(candidate);
  } catch {
    // It was read when it was verified: without a statement it is a defect of ours, and inconclusive.
    return undefined;
  }
}

/** Only a verified outcome with its statement is authentic, and only of the type that is demanded. */
function signedAs(
  outcome: SignatureOutcome,
  statement: AttestationStatement | undefined,
  { predicateType, quantifier }: AttestationRequirement,
): Attested {
  if (outcome.status !== 'verified') return { outcome };
  if (statement?.predicateType !== predicateType) return { outcome: defect(outcome) };
  // What tells two apart matters to one quantifier only, and an SBOM has some MiB.
  const content = quantifier === 'newest' ? contentOf(statement, outcome) : '';
  return { outcome, authentic: { content, times: statement.times } };
}

function judge(
  signed: Attested,
  statement: Said | undefined,
  requirement: AttestationRequirement,
  image: TaggedImage,
  { now }: Basis,
): Attested {
  const { outcome, authentic } = signed;
  if (authentic === undefined) return signed;
  if (statement === undefined) return { outcome: defect(outcome), authentic };
  const refusal = refusalBy(requirement, statement, image, now);
  return refusal === undefined ? signed : { outcome: { ...outcome, ...refusal }, authentic };
}

function defect(outcome: SignatureOutcome): SignatureOutcome {
  const message = 'a verified attestation came without a statement of its type';
  return { ...outcome, status: 'inconclusive', code: 'INTERNAL_ERROR', message };
}

/** A new certificate has a new key, so who says the same once more is told from who is quoted. */
function contentOf({ subject, predicate }: Said, { evidence }: SignatureOutcome): string {
  const key = evidence?.keyFingerprint ?? '';
  return digestOf(Buffer.from(JSON.stringify([key, subject, predicate])));
}

type Refusal = Pick<SignatureOutcome, 'status' | 'code' | 'message'>;

/** Why `where` lets it not pass: anything but true. */
function refusalBy(
  { where }: AttestationRequirement,
  { subject, predicate }: Said,
  image: TaggedImage,
  now: number,
): Refusal | undefined {
  if (where === undefined) return undefined;
  try {
    const { registry, repository, digest, tag } = image;
    const input = { predicate, subject, image: { registry, repository, digest, tag }, now };
    const isTrue: unknown = where.evaluate(input);
    if (isTrue === true) return undefined;
    const found = where.found(input);
    const message = `its signature holds, and what is wanted of it is not true${found && `: found ${found}`}`;
    return { status: 'rejected', code: 'ATTESTATION_REJECTED', message };
  } catch (error) {
    const { code, message } = asCountersignError(error);
    const status = CODES[code].class === 'rejected' ? 'rejected' : 'inconclusive';
    return { status, code, message };
  }
}

function outcomesOf(found: readonly Attested[]): readonly SignatureOutcome[] {
  return found.map(({ outcome }) => outcome);
}

// SPDX-License-Identifier: Apache-2.0

import { provenBy } from '../decide.ts';
import type { PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import { isSatisfied, type Requirement, type Signer } from '../policy/index.ts';
import type { Exchange } from '../registry/index.ts';
import { NO_NAMESPACE } from '../sharing/index.ts';
import {
  type Candidate,
  outcomeHolds,
  type SignatureOutcome,
  type TrustRoot,
  verifyCandidate,
} from '../verify/index.ts';
import type { Basis } from './basis.ts';
import { isSameImage } from './proof-memo.ts';
import { inTurns, TURNS } from './turns.ts';

/**
 * Candidates × the signers of a requirement → outcomes, until the requirement is satisfied or the candidates
 * are used up. Only what is not known yet waits for its turn, in turn with all other verifications.
 *
 * @throws CountersignError the reason of the signal
 */
export async function verifySignatures(
  requirement: Requirement,
  candidates: readonly Candidate[],
  image: PinnedImage,
  basis: Basis,
  { signal, tenants = NO_NAMESPACE }: Pick<Exchange, 'signal' | 'tenants'>,
): Promise<SignatureOutcome[]> {
  const signers = signersOf(requirement);
  const outcomes: SignatureOutcome[] = [];
  const proven = new Set<string>();
  const inTurn = inTurns(TURNS, signal, tenants);
  for (const candidate of candidates) {
    for (const signer of signers) {
      const known = recall(candidate, signer, image, basis);
      outcomes.push(known ?? (await inTurn(() => verifyOnce(candidate, signer, image, basis))));
    }
    const latest = outcomes.slice(-signers.length);
    if (provesMore(latest, proven) && isProven(requirement, outcomes)) break;
  }
  return outcomes;
}

/** The distinct signers that a requirement names, in its order. */
export function signersOf(requirement: Requirement): readonly Signer[] {
  const known = SIGNERS.get(requirement);
  if (known !== undefined) return known;
  const all = requirement.kind === 'signer' ? [requirement.signer] : requirement.of.flatMap(signersOf);
  const distinct = [...new Set(all)];
  SIGNERS.set(requirement, distinct);
  return distinct;
}

const SIGNERS = new WeakMap<Requirement, readonly Signer[]>();

/**
 * A derived memo, not a cache of verdicts: it hangs on the candidate (a fact of one image, repository and
 * credential) and on the signer (of one policy snapshot), holds for the trust root that it was derived with (none, where the
 * snapshot has none of the signer's name), and ends at the next edge of a key's window.
 */
type Memo = {
  readonly outcome: SignatureOutcome;
  readonly image: PinnedImage;
  readonly root: TrustRoot | undefined;
  readonly holds: { readonly from: number; readonly until: number };
};

/** Past {@link LIMITS}.outcomesPerCandidate it begins anew: nobody counts what is kept beside a candidate. */
type Memos = { readonly bySigner: WeakMap<Signer, Memo>; count: number };

const MEMO = new WeakMap<Candidate, Memos>();

function recall(
  candidate: Candidate,
  signer: Signer,
  image: PinnedImage,
  { now, trust }: Basis,
): SignatureOutcome | undefined {
  const memo = MEMO.get(candidate)?.bySigner.get(signer);
  if (memo === undefined || now < memo.holds.from || now >= memo.holds.until) return undefined;
  if (memo.root !== trust.roots.get(signer.trustRoot)) return undefined;
  return isSameImage(memo.image, image) ? memo.outcome : undefined;
}

function verifyOnce(
  candidate: Candidate,
  signer: Signer,
  image: PinnedImage,
  { now, trust }: Basis,
): SignatureOutcome {
  const outcome = verifyCandidate(candidate, signer, image, now, trust);
  if (outcome.status === 'inconclusive') return outcome;
  const root = trust.roots.get(signer.trustRoot);
  const { bySigner } = memosOf(candidate, signer);
  bySigner.set(signer, { outcome, image, root, holds: outcomeHolds(signer, now) });
  return outcome;
}

/** Where there is a place for one more. */
function memosOf(candidate: Candidate, signer: Signer): Memos {
  const known = MEMO.get(candidate);
  if (known?.bySigner.has(signer)) return known;
  const hasPlace = known !== undefined && known.count < LIMITS.outcomesPerCandidate;
  const memos = hasPlace ? known : { bySigner: new WeakMap<Signer, Memo>(), count: 0 };
  memos.count += 1;
  MEMO.set(candidate, memos);
  return memos;
}

/** Whether a signer was proved by an identity that was not seen for it before; repetitions prove nothing new. */
export function provesMore(latest: readonly SignatureOutcome[], proven: Set<string>): boolean {
  const before = proven.size;
  for (const { status, signer, evidence } of latest) {
    if (status === 'verified' && evidence !== undefined) proven.add(`${evidence.identity} ${signer}`);
  }
  return proven.size > before;
}

/** Only to stop early: an error here is found again, and answered for, where it is decided. */
export function isProven(requirement: Requirement, outcomes: readonly SignatureOutcome[]): boolean {
  try {
    return isSatisfied(requirement, provenBy(outcomes));
  } catch {
    // TOO_MANY_COMBINATIONS: go on to the end, where the decision reports it.
    return false;
  }
}

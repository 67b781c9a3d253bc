// SPDX-License-Identifier: Apache-2.0
import type { Attested } from '../decide-attestation.ts';
import { LIMITS } from '../limits.ts';
import type { AttestationRequirement, Signer } from '../policy/index.ts';
import { type Candidate, outcomeHolds, type TrustRoot } from '../verify/index.ts';
import type { Basis } from './basis.ts';
import { isSameImage, type TaggedImage } from './proof-memo.ts';

/**
 * A derived memo, as the one of signatures is: it hangs on the candidate and on the requirement (of one policy snapshot), holds for
 * the trust root that it was derived with, and ends at the next edge of a key's window. What the attestation says
 * is not in it: a predicate can be some MiB, and nobody counts that.
 */
type Memo = {
  /** What the signature says, before `where`. */
  readonly signed: Attested;
  /** What `where` says of it, where that holds at any time. */
  readonly judged: Attested | undefined;
  readonly image: TaggedImage;
  readonly root: TrustRoot | undefined;
  readonly holds: { readonly from: number; readonly until: number };
};

const MEMO = new WeakMap<Candidate, WeakMap<AttestationRequirement, Map<Signer, Memo>>>();

/** How many of them say no: anybody can push what nobody has signed, and nobody counts what is kept beside it. */
const REFUSED = new WeakMap<Candidate, number>();

/** What was found before about exactly this candidate, requirement, signer, image and trust root, if it holds now. */
export function recallAttested(
  candidate: Candidate,
  requirement: AttestationRequirement,
  signer: Signer,
  image: TaggedImage,
  { now, trust }: Basis,
): Pick<Memo, 'signed' | 'judged'> | undefined {
  const memo = MEMO.get(candidate)?.get(requirement)?.get(signer);
  if (memo === undefined || now < memo.holds.from || now >= memo.holds.until) return undefined;
  if (memo.root !== trust.roots.get(signer.trustRoot)) return undefined;
  return memo.image.tag === image.tag && isSameImage(memo.image, image) ? memo : undefined;
}

/**
 * Keeps both, unless inconclusive; and what `where` says only where it does not look at the time. Of what is not
 * authentic no more than {@link LIMITS}.outcomesPerCandidate.
 */
export function keepAttested(
  candidate: Candidate,
  requirement: AttestationRequirement,
  signer: Signer,
  image: TaggedImage,
  { now, trust }: Basis,
  signed: Attested,
  latest: Attested,
): void {
  if (signed.outcome.status === 'inconclusive') return;
  const timely = signed.authentic !== undefined && requirement.where?.usesNow === true;
  const judged = timely || latest.outcome.status === 'inconclusive' ? undefined : latest;
  const memos = MEMO.get(candidate) ?? new WeakMap<AttestationRequirement, Map<Signer, Memo>>();
  const bySigner = memos.get(requirement) ?? new Map<Signer, Memo>();
  if (signed.authentic === undefined && !bySigner.has(signer)) {
    const refused = REFUSED.get(candidate) ?? 0;
    if (refused >= LIMITS.outcomesPerCandidate) return;
    REFUSED.set(candidate, refused + 1);
  }
  const root = trust.roots.get(signer.trustRoot);
  bySigner.set(signer, { signed, judged, image, root, holds: outcomeHolds(signer, now) });
  memos.set(requirement, bySigner);
  MEMO.set(candidate, memos);
}

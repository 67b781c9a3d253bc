// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../decide.ts';
import type { Found } from '../discover/index.ts';
import type { PinnedImage } from '../image/index.ts';
import { LIMITS } from '../limits.ts';
import type { AttestationRequirement, Requirement, Signer } from '../policy/index.ts';
import { type Candidate, outcomeHolds, type SignatureOutcome, type TrustRoots } from '../verify/index.ts';
import type { Basis } from './basis.ts';

/** The image that attestations are about, as it was asked about: `where` sees its tag, empty where it has none. */
export type TaggedImage = PinnedImage & { readonly tag: string };

/** What a rule demands: of signatures, or of attestations. */
export type Demand = Requirement | AttestationRequirement;

/** What the candidates of an image prove for a requirement, and how that was found. */
export type Proof = { readonly outcomes: readonly SignatureOutcome[]; readonly finding: Finding };

/**
 * A derived memo, not a cache of verdicts: it hangs on the remembered candidates (facts of one image, repository
 * and credential, gone with them) and on what is demanded (of one policy snapshot, which holds the trusted keys),
 * holds for the trust roots that it was derived with, and ends at the next edge of any key's window.
 */
type Kept = {
  readonly proof: Proof;
  readonly image: PinnedImage & Partial<TaggedImage>;
  readonly trust: TrustRoots;
  readonly from: number;
  readonly until: number;
};

const KEPT = new WeakMap<readonly Candidate[], WeakMap<Demand, Kept>>();

/** What was proved before about exactly these candidates, demand, image (and its tag, where that was looked at) and trust roots, if it holds now. */
export function recallProof(
  demand: Demand,
  { candidates, failures }: Found,
  image: Kept['image'],
  { now, trust }: Basis,
): Proof | undefined {
  if (failures.length > 0) return undefined;
  const kept = KEPT.get(candidates)?.get(demand);
  if (kept === undefined || now < kept.from || now >= kept.until) return undefined;
  if (kept.trust !== trust || kept.image.tag !== image.tag) return undefined;
  return isSameImage(kept.image, image) ? kept.proof : undefined;
}

/**
 * Keeps a proof, unless anything in it is inconclusive: a failure is never remembered. Nor is one of more outcomes than
 * the bytes of the candidates count for.
 */
export function keepProof(
  demand: Demand,
  signers: readonly Signer[],
  { candidates, failures }: Found,
  image: Kept['image'],
  { now, trust }: Basis,
  proof: Proof,
): void {
  if (failures.length > 0 || isInconclusive(proof)) return;
  if (proof.outcomes.length > LIMITS.outcomesPerImage + 2 * candidates.length) return;
  const windows = signers.map((signer) => outcomeHolds(signer, now));
  const kept = {
    proof,
    image,
    trust,
    from: Math.max(...windows.map((window) => window.from)),
    until: Math.min(...windows.map((window) => window.until)),
  };
  const others = KEPT.get(candidates) ?? new WeakMap<Demand, Kept>();
  others.set(demand, kept);
  KEPT.set(candidates, others);
}

/** Whether the two are one image: a memo never answers for another. */
export function isSameImage(a: PinnedImage, b: PinnedImage): boolean {
  return a.digest === b.digest && a.repository === b.repository && a.registry === b.registry;
}

function isInconclusive({ outcomes, finding }: Proof): boolean {
  return finding.verdict === 'inconclusive' || outcomes.some(({ status }) => status === 'inconclusive');
}

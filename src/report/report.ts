// SPDX-License-Identifier: Apache-2.0
import type { ImageUse } from '../admission/index.ts';
import type { Decision, RuleFinding } from '../decide.ts';
import type { SignatureOutcome } from '../verify/index.ts';

/** What the deciding rule of one document said; without a rule both names are empty. */
export type PolicyReport = Omit<RuleFinding, 'message'>;

/** A use, and which object it is in where there are several (`Deployment web`). */
export type ReportUse = ImageUse & { readonly object?: string };

/** All that was found out about one image, and what follows from it. */
export type ImageReport = Decision & {
  /** As written. Empty where the object as a whole could not be read. */
  readonly image: string;
  /** The object whose images could not be listed, and about which as a whole this is; absent for an image. */
  readonly object?: string;
  /** What was verified and pinned; absent where the reference was not resolved. */
  readonly digest?: string;
  readonly uses: readonly ReportUse[];
  /** The command that would help; empty where nothing has to. */
  readonly hint: string;
  /** A fact older than its time stood in for a registry that could not be asked. */
  readonly stale: boolean;
  readonly policies: readonly PolicyReport[];
  readonly outcomes: readonly SignatureOutcome[];
  readonly registryRequests: number;
  readonly durationMs: number;
  /** The string that `/mutate` writes in place of `image`; absent where it leaves the image as it is. */
  readonly pin?: string;
};

/** An image string, where it is used, and what `/mutate` writes in its place; no `pin` where it stays as it is. */
export type PinReport = Pick<ImageReport, 'image' | 'uses' | 'pin'>;

/** The one record of a question; every rendering comes from it. */
export type Report = {
  readonly apiVersion: 'countersign.dev/v1';
  readonly kind: 'Report';
  readonly allowed: boolean;
  readonly images: readonly ImageReport[];
};

/** A report of these images: allowed where every one is. */
export function reportOf(images: readonly ImageReport[]): Report {
  const allowed = images.every((image) => image.decision === 'allow');
  return { apiVersion: 'countersign.dev/v1', kind: 'Report', allowed, images };
}

/**
 * Whether the object may enter. The flag and the images are asked both: where they contradict each other,
 * the answer is no.
 */
export function isAllowed(report: Report): boolean {
  return report.allowed && report.images.every((image) => image.decision === 'allow');
}

/** Whether the image was let in although its verdict is no yes. */
export function isLetThrough({ decision, verdict }: ImageReport): boolean {
  return decision === 'allow' && verdict !== 'verified' && verdict !== 'exempt';
}

const RANK = { rejected: 3, inconclusive: 2, exempt: 1, verified: 0 } as const;

/** The image that speaks for the whole report: a denied one before the others, then by verdict. */
export function strictestImage(report: Report): ImageReport | undefined {
  const [only, other] = report.images;
  if (other === undefined) return only;
  return report.images.toSorted((a, b) => strictness(b) - strictness(a))[0];
}

function strictness(image: ImageReport): number {
  return (image.decision === 'deny' ? 4 : 0) + RANK[image.verdict];
}

/** The rule that gave the image its code; `undefined` where no rule spoke. */
export function decidingPolicy(image: ImageReport): PolicyReport | undefined {
  const named = image.policies.filter((one) => one.rule !== '');
  const same = named.filter((one) => one.code === image.code && one.verdict === image.verdict);
  return same.find((one) => one.mode === image.mode) ?? same[0];
}

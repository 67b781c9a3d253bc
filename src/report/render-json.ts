// SPDX-License-Identifier: Apache-2.0
import type { SignatureOutcome } from '../verify/index.ts';
import type { ImageReport, PolicyReport, Report, ReportUse } from './report.ts';

/** What `JSON.stringify` leaves as it is and a terminal may act upon: C1 controls, bidirectional overrides. */
const ACTIVE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The Report that others script against, as JSON text with a line end: see {@link reportJson}. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(reportJson(report), undefined, 2).replace(ACTIVE, escaped)}\n`;
}

/**
 * The Report for `JSON.stringify`: exactly the documented fields, in their documented order. `digest` is absent
 * where nothing was resolved, `object` where the report is about an image; `evidence` is `{}` where there is none.
 */
export function reportJson({ apiVersion, kind, allowed, images }: Report) {
  return { apiVersion, kind, allowed, images: images.map(imageJson) };
}

function imageJson(report: ImageReport) {
  return {
    image: report.image,
    ...(report.object === undefined ? {} : { object: report.object }),
    ...(report.digest === undefined ? {} : { digest: report.digest }),
    uses: report.uses.map(useJson),
    decision: report.decision,
    verdict: report.verdict,
    code: report.code,
    message: report.message,
    hint: report.hint,
    stale: report.stale,
    policies: report.policies.map(policyJson),
    outcomes: report.outcomes.map(outcomeJson),
    registryRequests: report.registryRequests,
    durationMs: report.durationMs,
  };
}

/** `object` only where several objects were asked about at once: the manifests of `check`. */
function useJson({ container, kind, path, object }: ReportUse) {
  return { ...(object === undefined ? {} : { object }), container, kind, path };
}

function policyJson({ policy, rule, mode, verdict, code }: PolicyReport) {
  return { policy, rule, mode, verdict, code };
}

function outcomeJson(outcome: SignatureOutcome) {
  const { signer, candidate, digest, attestation, storage, status, code, message, evidence } = outcome;
  const child = digest === undefined ? {} : { digest };
  const type = attestation === undefined ? {} : { attestation };
  return { signer, candidate, ...child, ...type, storage, status, code, message, evidence: { ...evidence } };
}

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

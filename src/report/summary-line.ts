// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import type { Evidence } from '../verify/index.ts';
import { plainText } from './plain-text.ts';
import { decidingPolicy, type ImageReport, isAllowed, type Report, strictestImage } from './report.ts';

/** More are in the report. */
const IDENTITIES_SHOWN = 4;

/**
 * The fields of the one log line of a decision: what was answered, and per image what was found. Bounded, and
 * without control characters; `verdict` and `code` are those of the strictest image, absent where there is none.
 */
export function summaryLine(report: Report) {
  const strictest = strictestImage(report);
  const left = report.images.length - LIMITS.imagesPerLogLine;
  return {
    allowed: isAllowed(report),
    ...(strictest === undefined ? {} : { verdict: strictest.verdict, code: strictest.code }),
    images: report.images.slice(0, LIMITS.imagesPerLogLine).map(imageLine),
    ...(left > 0 ? { imagesLeftOut: left } : {}),
  };
}

function imageLine(report: ImageReport) {
  return {
    image: plainText(report.image, LIMITS.referenceLength),
    ...(report.digest === undefined ? {} : { digest: report.digest }),
    verdict: report.verdict,
    code: report.code,
    rule: plainText(decidingPolicy(report)?.rule ?? '', LIMITS.reviewNameLength),
    mode: report.mode,
    ...signedBy(report),
  };
}

/** Who signed, of signers that are known by identity: their name in the policy does not say which workflow it was. */
function signedBy({ outcomes }: ImageReport) {
  const texts = new Set(outcomes.flatMap(({ evidence }) => (evidence ? (identityOf(evidence) ?? []) : [])));
  return texts.size === 0 ? {} : { signedBy: [...texts].slice(0, IDENTITIES_SHOWN) };
}

function identityOf({ subject, issuer = '' }: Evidence): string | undefined {
  if (subject === undefined) return undefined;
  return `${plainText(subject, LIMITS.reviewNameLength)} by ${plainText(issuer, LIMITS.reviewNameLength)}`;
}

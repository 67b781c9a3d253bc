// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import { plainText } from './plain-text.ts';
import { decidingPolicy, type ImageReport, isAllowed, type Report, strictestImage } from './report.ts';

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
  };
}

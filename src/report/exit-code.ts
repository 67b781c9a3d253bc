// SPDX-License-Identifier: Apache-2.0
import { type ImageReport, isAllowed, type Report } from './report.ts';

/**
 * What a command ends with: 0 allowed, 1 rejected, 3 inconclusive; of several the first of 1, 3, 0. What a mode
 * lets in counts as the webhook would answer: 0. (2, for usage and configuration, is not a report's to say.)
 */
export function exitCode(...reports: readonly Report[]): 0 | 1 | 3 {
  const codes = reports.map(codeOf);
  if (codes.includes(1)) return 1;
  return codes.includes(3) ? 3 : 0;
}

function codeOf(report: Report): 0 | 1 | 3 {
  if (isAllowed(report)) return 0;
  const denied = report.images.filter((image) => image.decision === 'deny');
  return denied.length > 0 && denied.every(isInconclusive) ? 3 : 1;
}

function isInconclusive(image: ImageReport): boolean {
  return image.verdict === 'inconclusive';
}

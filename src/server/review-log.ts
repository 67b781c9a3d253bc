// SPDX-License-Identifier: Apache-2.0
import type { AdmissionRequest } from '../admission/index.ts';
import type { Judgement, Mutation } from '../evaluate.ts';
import { LIMITS } from '../limits.ts';
import { plainText, summaryLine } from '../report/index.ts';
import type { Log } from './log.ts';

/**
 * One line per decision: a denial weighs `warn`, an admission `info`. What there was nothing to judge in is
 * no decision, and weighs `debug`.
 */
export function logJudgement(log: Log, { request, listing, report }: Judgement, milliseconds: number): void {
  const about = { ...requestFields(request), durationMs: rounded(milliseconds) };
  if (report.images.length === 0) {
    log.debug({ ...about, allowed: true, reason: listing.reason }, 'nothing to judge');
    return;
  }
  const registryRequests = report.images.reduce((sum, image) => sum + image.registryRequests, 0);
  const line = { ...about, ...summaryLine(report), registryRequests };
  if (line.allowed) log.info(line, 'allowed');
  else log.warn(line, 'denied');
}

/** What was pinned weighs `debug`: the line of the decision names the same digests. */
export function logMutation(log: Log, { request, pins }: Mutation, milliseconds: number): void {
  const pinned = pins
    .slice(0, LIMITS.imagesPerLogLine)
    .flatMap(({ pin }) => (pin === undefined ? [] : [plainText(pin, LIMITS.referenceLength)]));
  log.debug({ ...requestFields(request), durationMs: rounded(milliseconds), pinned }, 'mutated');
}

/** Who wants what. Never the object, nor anything in it but the images that were judged. */
function requestFields(request: AdmissionRequest) {
  return {
    uid: clean(request.uid),
    operation: request.operation,
    kind: clean(request.kind),
    namespace: clean(request.namespace),
    name: clean(request.name),
    user: clean(request.user.username),
    dryRun: request.dryRun,
  };
}

function clean(text: string): string {
  return plainText(text, LIMITS.reviewNameLength);
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

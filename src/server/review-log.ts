// SPDX-License-Identifier: Apache-2.0
import type { AdmissionRequest } from '../admission/index.ts';
import type { Judgement, Mutation } from '../evaluate.ts';
import { LIMITS } from '../limits.ts';
import { isAllowed, type PinReport, plainText, type Report, summaryLine } from '../report/index.ts';
import type { Log } from './log.ts';

/**
 * One line per decision: a denial weighs `warn`, an admission `info`. What there was nothing to judge in is
 * no decision, and weighs `debug`.
 */
export function logJudgement(log: Log, { request, listing, report }: Judgement, milliseconds: number): void {
  const asked = requestFields(request);
  if (report.images.length === 0) {
    const { reason } = listing;
    log.debug(() => ({ ...about(asked, milliseconds), allowed: true, reason }), 'nothing to judge');
  } else if (isAllowed(report)) {
    log.info(() => decisionLine(asked, report, milliseconds), 'allowed');
  } else {
    log.warn(() => decisionLine(asked, report, milliseconds), 'denied');
  }
}

/** What was pinned weighs `debug`: the line of the decision names the same digests. */
export function logMutation(log: Log, { request, pins }: Mutation, milliseconds: number): void {
  const asked = requestFields(request);
  log.debug(() => ({ ...about(asked, milliseconds), pinned: pinned(pins) }), 'mutated');
}

/** Who wants what. Never the object, nor anything in it but the images that were judged: lines are held. */
function requestFields({ uid, operation, kind, namespace, name, user, dryRun }: AdmissionRequest) {
  return { uid, operation, kind, namespace, name, user: user.username, dryRun };
}

function about(asked: ReturnType<typeof requestFields>, milliseconds: number) {
  return {
    uid: clean(asked.uid),
    operation: asked.operation,
    kind: clean(asked.kind),
    namespace: clean(asked.namespace),
    name: clean(asked.name),
    user: clean(asked.user),
    dryRun: asked.dryRun,
    durationMs: Math.round(milliseconds * 100) / 100,
  };
}

function decisionLine(asked: ReturnType<typeof requestFields>, report: Report, milliseconds: number) {
  const registryRequests = report.images.reduce((sum, image) => sum + image.registryRequests, 0);
  return { ...about(asked, milliseconds), ...summaryLine(report), registryRequests };
}

function pinned(pins: readonly PinReport[]): string[] {
  return pins
    .slice(0, LIMITS.imagesPerLogLine)
    .flatMap(({ pin }) => (pin === undefined ? [] : [plainText(pin, LIMITS.referenceLength)]));
}

function clean(text: string): string {
  return plainText(text, LIMITS.reviewNameLength);
}

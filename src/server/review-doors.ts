// SPDX-License-Identifier: Apache-2.0
import type { CountersignError } from '../errors.ts';
import type { Call, Deps, Judgement, Mutation } from '../evaluate.ts';
import { type AdmissionReviewAnswer, renderError, renderUnread } from '../report/index.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Endpoint } from './request-metrics.ts';
import { logJudgement, logMutation } from './review-log.ts';

/** The pipeline, as `evaluate.ts` exports it: all that is ever decided is decided behind these two. */
export type Engine = {
  readonly validate: (body: unknown, deps: Deps, call: Call) => Promise<Judgement>;
  readonly mutate: (body: unknown, deps: Deps, call: Call) => Promise<Mutation>;
};

/** One of the two webhooks. */
export type Door = {
  /** Judges a body and records what came of it. Throws what the pipeline throws. */
  answer(body: unknown, deps: Deps, call: Call): Promise<AdmissionReviewAnswer>;
  /** The answer when the pipeline threw over a review that names its uid. */
  answerDefect(uid: string, error: CountersignError): AdmissionReviewAnswer;
};

type Surroundings = { readonly engine: Engine; readonly log: Log; readonly metrics: Metrics };

/**
 * `/validate` denies when the pipeline fails; `/mutate` lets through unpatched, because it denies no review that
 * can be parsed: what it lets through comes to `/validate` next.
 */
export function createDoors({ engine, log, metrics }: Surroundings): Readonly<Record<Endpoint, Door>> {
  return {
    validate: {
      async answer(body, deps, call) {
        const start = performance.now();
        const judgement = await engine.validate(body, deps, call);
        metrics.judged(judgement.report);
        if (judgement.listing.reason === 'unknown-kind') metrics.unknownKind();
        logJudgement(log, judgement, performance.now() - start);
        return judgement.answer;
      },
      answerDefect: renderError,
    },
    mutate: {
      async answer(body, deps, call) {
        const start = performance.now();
        const mutation = await engine.mutate(body, deps, call);
        logMutation(log, mutation, performance.now() - start);
        return mutation.answer;
      },
      answerDefect: (uid) => renderUnread(uid),
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { budgetMs, parseAdmissionReview, parseTimeout, ReviewError } from '../admission/index.ts';
import { asCountersignError, type Code, CountersignError } from '../errors.ts';
import type { Deps } from '../evaluate.ts';
import { type AdmissionReviewAnswer, renderError } from '../report/index.ts';
import { together } from './event-loop-turn.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { ReadBody } from './read-body.ts';
import { type Reply, refusal, send } from './reply.ts';
import type { Endpoint } from './request-metrics.ts';
import type { Door } from './review-doors.ts';
import { WaitingCaller } from './waiting-caller.ts';

/** What a webhook needs beside its door. `deps` gives the snapshot that the request then keeps. */
export type ReviewSurroundings = {
  readonly deps: () => Deps;
  readonly readBody: ReadBody;
  /** For callers who are not proven. */
  readonly readUnproven: ReadBody;
  readonly isDraining: () => boolean;
  /** Absent: every caller is taken for the API server. */
  readonly isProven?: ((request: IncomingMessage) => boolean) | undefined;
  /** Told of each review that was answered to a caller who is not proven. */
  readonly onUnproven: () => void;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** Answers the requests to one webhook. Never throws, and never answers "allowed" by itself. */
export type ReviewHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** The way of a review: body → JSON → door → answer. Each thing that goes wrong leaves at one place, with a reply. */
export function createReviewHandler(
  endpoint: Endpoint,
  door: Door,
  surroundings: ReviewSurroundings,
): ReviewHandler {
  const { deps, readBody, readUnproven, isDraining, isProven, onUnproven, log, metrics } = surroundings;

  return (request, response) => {
    const start = performance.now();
    const caller = new WaitingCaller(isProven === undefined || isProven(request));
    metrics.requestStarted(caller.proven);
    response.on('close', () => {
      const answered = response.writableFinished;
      if (!answered) caller.leave();
      metrics.requestEnded(endpoint, answered ? response.statusCode : 'aborted', performance.now() - start);
    });
    reply(request, response, caller, start)
      .then((one) => send(request, response, isDraining() ? { ...one, close: true } : one))
      .catch((error) => fail(response, error));
  };

  async function reply(
    request: IncomingMessage,
    response: ServerResponse,
    caller: WaitingCaller,
    start: number,
  ): Promise<Reply> {
    if (!isJson(request)) return refuse(415, 'REVIEW_MALFORMED', 'wanted application/json');
    let body: unknown;
    try {
      const bytes = await (caller.proven ? readBody : readUnproven)(request, response);
      await together();
      body = await parseJson(bytes);
    } catch (error) {
      const { code, message } = asCountersignError(error);
      return refuse(STATUS[code] ?? 500, code, message);
    }
    const budget = budgetMs(parseTimeout(timeoutIn(request.url))) - (performance.now() - start);
    let review: AdmissionReviewAnswer;
    try {
      caller.budgetMs = Math.max(0, budget);
      review = await door.answer(body, deps(), caller);
    } catch (error) {
      return error instanceof ReviewError ? malformed(error) : defect(body, asCountersignError(error));
    }
    // Not of each request: who only knocks is no API server that was forgotten.
    if (!caller.proven) onUnproven();
    return answer(review);
  }

  function malformed(error: ReviewError): Reply {
    if (error.uid === undefined) return refuse(400, error.code, error.message);
    log.info({ endpoint, uid: error.uid, code: error.code, problem: error.message }, 'review denied unread');
    return answer(renderError(error.uid, error));
  }

  function defect(body: unknown, error: CountersignError): Reply {
    const uid = uidOf(body);
    log.error({ endpoint, uid, code: error.code, stack: stackOf(error) }, 'defect');
    if (uid === undefined) return refusal(500, 'INTERNAL_ERROR', 'a defect of countersign');
    return answer(door.answerDefect(uid, error));
  }

  function refuse(status: number, code: Code, problem: string): Reply {
    log.info({ endpoint, status, code, problem }, 'request refused');
    return refusal(status, code, problem);
  }

  function fail(response: ServerResponse, error: unknown): void {
    const { code, message } = asCountersignError(error);
    log.error({ endpoint, code, problem: message }, 'no answer could be written');
    response.destroy();
  }
}

function answer(review: AdmissionReviewAnswer): Reply {
  return { status: 200, text: JSON.stringify(review) };
}

const JSON_TYPE = 'application/json';

/** Without a content type it is taken for JSON: if it is none, that shows. */
function isJson({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'] ?? JSON_TYPE;
  if (headers['content-encoding'] !== undefined) return false;
  return type === JSON_TYPE || /^application\/json\s*(?:;|$)/i.test(type);
}

/** Without the engine's own message, which quotes what it found: the body may hold secrets. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new CountersignError('REVIEW_MALFORMED', 'the body is not JSON', { cause });
  }
}

const STATUS: Partial<Record<Code, number>> = {
  REVIEW_MALFORMED: 400,
  REVIEW_TOO_LARGE: 413,
  LIMIT_EXCEEDED: 503,
  CANCELLED: 400,
};

function timeoutIn(url: string | undefined): string | undefined {
  return /[?&]timeout=([^&]*)/.exec(url ?? '')?.[1];
}

function uidOf(body: unknown): string | undefined {
  try {
    return parseAdmissionReview(body).uid;
  } catch (error) {
    return error instanceof ReviewError ? error.uid : undefined;
  }
}

function stackOf(error: CountersignError): string | undefined {
  const { cause } = error;
  return cause instanceof Error ? cause.stack : error.stack;
}

// SPDX-License-Identifier: Apache-2.0

import { type Code, CountersignError } from '../errors.ts';
import type { Repository } from '../image/reference.ts';
import { NO_NAMESPACE } from '../sharing/index.ts';
import type { Exchange } from './exchange.ts';

/** Where something may be asked for: at its origin, and at a mirror of that. */
export type Places = {
  readonly origin: Repository;
  readonly mirror?: Repository;
  /** The mirror has failed of late: it is asked second. */
  readonly isRested?: boolean;
  /** Called with what came of asking the mirror. */
  readonly onMirror?: (failure: CountersignError | undefined) => void;
};

/** What is asked for, and whether a mirror's answer is one: that there is nothing, only the origin can say. */
export type Question<T> = {
  readonly exchange: Exchange;
  readonly ask: (at: Repository, exchange: Exchange) => Promise<T>;
  readonly isFound: (answer: T) => boolean;
};

/**
 * The first answer of mirror and origin. Either gets half of the time where it is asked first, so that one that does not
 * answer leaves the other its half. Where neither has an answer, the origin's error is thrown, and says what the mirror's was.
 */
export async function askInTurn<T>(places: Places, { exchange, ask, isFound }: Question<T>): Promise<T> {
  const { origin, mirror, isRested, onMirror } = places;
  if (mirror === undefined) return ask(origin, exchange);
  const askOrigin = (within: Exchange) => attempt(() => ask(origin, within));
  const askMirror = async (within: Exchange) => {
    const outcome = await attempt(() => ask(mirror, within), isFound);
    onMirror?.(outcome.failure);
    return outcome;
  };

  if (isRested) {
    const first = await askOrigin(halfOf(exchange));
    if (first.isAnswer) return first.answer;
    // What the origin does not have, no mirror has.
    if (first.failure?.code === 'IMAGE_NOT_FOUND') throw first.failure;
    const second = await askMirror(exchange);
    if (second.isAnswer) return second.answer;
    throw withBoth(first.failure, second.failure);
  }
  const first = await askMirror(halfOf(exchange));
  if (first.isAnswer) return first.answer;
  const second = await askOrigin(exchange);
  if (second.isAnswer) return second.answer;
  throw withBoth(second.failure, first.failure);
}

/**
 * What the other place may mend. Not a limit, nor a caller who left; and not what is wrong with the Config (an
 * address or a realm that it does not permit), which would otherwise never be seen.
 */
const MAY_MEND: ReadonlySet<Code> = new Set([
  'IMAGE_NOT_FOUND',
  'BLOB_NOT_FOUND',
  'DIGEST_MISMATCH',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_UNREACHABLE',
  'REGISTRY_ERROR',
  'REGISTRY_RATE_LIMITED',
  'PROXY_UNREACHABLE',
  'PROXY_REFUSED',
  'RESPONSE_MALFORMED',
  'DEADLINE_EXCEEDED',
]);

const MAY_LAST: ReadonlySet<Code> = new Set([
  'REGISTRY_UNREACHABLE',
  'REGISTRY_ERROR',
  'REGISTRY_RATE_LIMITED',
  'PROXY_UNREACHABLE',
  'PROXY_REFUSED',
  'DEADLINE_EXCEEDED',
]);

/** Whether the next request would most likely fail like this as well. */
export function mayLast({ code }: CountersignError): boolean {
  return MAY_LAST.has(code);
}

type Outcome<T> =
  | { readonly isAnswer: true; readonly answer: T; readonly failure?: undefined }
  | { readonly isAnswer: false; readonly failure: CountersignError | undefined };

async function attempt<T>(
  work: () => Promise<T>,
  isFound: (answer: T) => boolean = () => true,
): Promise<Outcome<T>> {
  try {
    const answer = await work();
    return isFound(answer) ? { isAnswer: true, answer } : { isAnswer: false, failure: undefined };
  } catch (error) {
    if (!(error instanceof CountersignError && MAY_MEND.has(error.code))) throw error;
    return { isAnswer: false, failure: error };
  }
}

/**
 * The exchange with half of the time that is left; where the whole moves, it moves along. No spread: what is read late would
 * be read now, or be lost. `Required`, so that the compiler asks for every field.
 */
function halfOf(exchange: Exchange): Required<Exchange> {
  const start = performance.now();
  return {
    signal: exchange.signal,
    credentials: exchange.credentials,
    tenants: exchange.tenants ?? NO_NAMESPACE,
    onRequest: (kind) => exchange.onRequest?.(kind),
    wait: (work) => (exchange.wait === undefined ? work() : exchange.wait(work)),
    get deadline() {
      return start + (exchange.deadline - start) / 2;
    },
  };
}

function withBoth(origin: CountersignError | undefined, mirror: CountersignError | undefined): unknown {
  if (origin === undefined || mirror === undefined) return origin;
  const message = `${origin.message} (its mirror: ${mirror.message})`;
  return new CountersignError(origin.code, message, { cause: origin });
}

// SPDX-License-Identifier: Apache-2.0
import { Agent } from 'undici';
import { setAtPointer } from '../json-pointer.ts';
import { reviewOf } from '../manifest-review.ts';
import { type DemoObject, NAMESPACE } from './objects.ts';

/** What the API server would do with the object, as it was told over HTTPS. */
export type Admission = {
  readonly allowed: boolean;
  readonly code: string;
  readonly message: string;
  /** The image that the object has after both webhooks. */
  readonly image: string;
  readonly milliseconds: number;
};

/** Plays the API server: both webhooks, in order, over real HTTPS. */
export type ApiServer = { create(object: DemoObject): Promise<Admission>; close(): Promise<void> };

/** An API server that trusts the webhook's CA. */
export function startApiServer(url: string, ca: string): ApiServer {
  const dispatcher = new Agent({ connect: { ca } });
  const ask = async (path: string, object: DemoObject): Promise<Answer> => {
    const answer = await dispatcher.request({
      origin: url,
      path: `${path}?timeout=10s`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(reviewOf({ object }, NAMESPACE)),
    });
    return parseAnswer(await answer.body.json());
  };
  return {
    async create(object) {
      const start = performance.now();
      const patched = patch(object, await ask('/mutate', object));
      const answer = await ask('/validate', patched);
      return {
        allowed: answer.allowed,
        code: answer.code,
        message: answer.message,
        image: imageOf(patched),
        milliseconds: performance.now() - start,
      };
    },
    close: () => dispatcher.close(),
  };
}

type Answer = {
  readonly allowed: boolean;
  readonly code: string;
  readonly message: string;
  readonly patch: readonly { readonly path: string; readonly value: string }[];
};

type ReviewResponse = {
  readonly response?: {
    readonly allowed?: boolean;
    readonly status?: { readonly message?: string };
    readonly auditAnnotations?: Readonly<Record<string, string>>;
    readonly patch?: string;
  };
};

function parseAnswer(body: unknown): Answer {
  const response = (body as ReviewResponse).response ?? {};
  return {
    allowed: response.allowed === true,
    code: response.auditAnnotations?.['code'] ?? '',
    message: response.status?.message ?? '',
    patch:
      response.patch === undefined ? [] : JSON.parse(Buffer.from(response.patch, 'base64').toString('utf8')),
  };
}

function patch(object: DemoObject, answer: Answer): DemoObject {
  const copy = structuredClone(object);
  for (const { path, value } of answer.patch) setAtPointer(copy, path, value);
  return copy;
}

function imageOf(object: DemoObject): string {
  const found = /"image":"([^"]*)"/.exec(JSON.stringify(object.spec));
  return found?.[1] ?? '';
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { CODES, type Code } from '../../src/errors.ts';
import {
  startTestRegistry,
  type TestImage,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../src/testing/index.ts';
import { podReview } from './reviews.ts';
import { named, startWholeServer, type WholeServer } from './whole-server.ts';

/** What a row finds: a registry that the Config names, and an image in it that nobody has signed yet. */
export type Scene = { readonly registry: TestRegistry; readonly image: TestImage };

/** Bad input as one row: what it is, and what must come of the Pod that asks for it. */
export type BadImage = {
  readonly name: string;
  /** Makes it bad; may name other images for the Pod than the one of the scene. */
  readonly arrange: (scene: Scene) => readonly string[] | undefined;
  readonly code: Code;
  /** Requests of the registry client, retries included; all of them reach the registry. */
  readonly requests: number;
  /** Default: `release` must have signed. */
  readonly rules?: (host: string) => string;
  readonly registry?: TestRegistryOptions;
  /** The API server's timeout, in seconds; by default the longest there is. */
  readonly timeout?: number;
};

/** One test per row: over HTTPS, denied with exactly this code, this uid and this many registry requests. */
export function testBadImages(rows: readonly BadImage[]): void {
  for (const row of rows) {
    test(`${row.name}: ${row.code}, ${row.requests} registry requests`, async (t) => {
      const registry = await startTestRegistry(row.registry);
      t.after(() => registry.close());
      const server = await startWholeServer(t, {
        registries: named(registry),
        ...(row.rules && { rules: row.rules(registry.host) }),
      });
      const image = registry.pushImage('acme/web', { tag: '1.0' });
      const images = row.arrange({ registry, image }) ?? [image.pinned];
      await assertDenied(server, images, row.code, row.timeout);
      assert.equal(await server.sent(), row.requests, 'requests that the client sent');
      assert.equal(registry.requests.length, row.requests, 'requests that reached the registry');
    });
  }
}

/** Asks for a Pod with these images; it must be denied for this reason. */
export async function assertDenied(
  server: Pick<WholeServer, 'ask'>,
  images: readonly string[],
  code: Code,
  timeout = 30,
): Promise<void> {
  const uid = randomUUID();
  const answer = await server.ask(podReview(images, { uid }), { timeout });
  const verdict = CODES[code].class === 'rejected' ? 'rejected' : 'inconclusive';
  const { status, allowed, message } = answer;
  assert.deepEqual(
    { status, uid: answer.uid, allowed, code: answer.code, verdict: answer.verdict },
    { status: 200, uid, allowed: false, code, verdict },
    message,
  );
  assert.match(message, new RegExp(`\\[${code}\\b`));
}

/** Asks for a Pod with these images; it must be let in, as verified or exempt. */
export async function assertAllowed(
  server: Pick<WholeServer, 'ask'>,
  images: readonly string[],
  code: Code = 'VERIFIED',
): Promise<void> {
  const uid = randomUUID();
  const answer = await server.ask(podReview(images, { uid }));
  assert.deepEqual([answer.uid, answer.allowed, answer.code], [uid, true, code], answer.message);
}

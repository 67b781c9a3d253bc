// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.ts';
import { pod } from './objects.ts';

/** What came of one creation. */
export type Attempt = {
  readonly signed: boolean;
  readonly admitted: boolean;
  readonly milliseconds: number;
  /** Where it was not admitted: what the API server said. */
  readonly message: string;
};

/** A stream of creations. */
export type Load = {
  readonly attempts: readonly Attempt[];
  /** Ends it, and gives all that came of it. */
  stop(): Promise<readonly Attempt[]>;
};

const EVERY_MS = 25;

/**
 * Creates a Pod every 25 ms in the enforced namespace, signed and unsigned in turn, whether the last one is answered or not. The signed
 * are dry runs, so that they do not pile up; of the unsigned none may be stored.
 */
export function startLoad({ api, images }: Installation): Load {
  const attempts: Attempt[] = [];
  const underWay = new Set<Promise<void>>();
  const state = { stopped: false };

  async function attempt(number: number): Promise<void> {
    const signed = number % 2 === 0;
    const image = signed ? images.web : images.unsigned;
    const path = `/api/v1/namespaces/shop/pods${signed ? '?dryRun=All' : ''}`;
    const object = pod(`load-${number}`, image.reference);
    const { status, body, milliseconds } = await api.ask('POST', path, object, { token: 'alice-token' });
    attempts.push({ signed, admitted: status === 201, milliseconds, message: body.message ?? '' });
  }

  const turns = (async () => {
    for (let number = 0; !state.stopped; number += 1) {
      const one = attempt(number).catch((error: Error) => {
        attempts.push({ signed: number % 2 === 0, admitted: false, milliseconds: 0, message: `${error}` });
      });
      underWay.add(one);
      one.then(() => underWay.delete(one));
      await sleep(EVERY_MS);
    }
  })();

  return {
    attempts,
    async stop() {
      state.stopped = true;
      await turns;
      await Promise.all(underWay);
      return attempts;
    },
  };
}

/** Of the signed: what was not admitted, and why. */
export function failures(attempts: readonly Attempt[]): string[] {
  return attempts.filter(({ signed, admitted }) => signed && !admitted).map(({ message }) => message);
}

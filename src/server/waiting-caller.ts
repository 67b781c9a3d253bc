// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import type { Call } from '../evaluate.ts';

/** Who waits for the answer. The signal is made when somebody first looks at it: most reviews are answered from memory. */
export class WaitingCaller implements Call {
  budgetMs = 0;
  readonly proven: boolean;
  #controller: AbortController | undefined;
  #left = false;

  constructor(proven: boolean) {
    this.proven = proven;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#left) this.#abort();
    }
    return this.#controller.signal;
  }

  leave(): void {
    this.#left = true;
    this.#abort();
  }

  #abort(): void {
    this.#controller?.abort(new CountersignError('CANCELLED', 'the caller went away'));
  }
}

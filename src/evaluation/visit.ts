// SPDX-License-Identifier: Apache-2.0

import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { createSlots, NO_NAMESPACE, type Slots, type Tenants, tenant } from '../sharing/index.ts';
import { type Call, type Deadline, startDeadline } from './deadline.ts';
import type { Deps, Question } from './question.ts';
import { UNPROVEN } from './waiting-room.ts';

/** What all images of a question share: one deadline, the lines of one namespace, one place among those who wait. */
export type Visit = {
  readonly deadline: Deadline;
  readonly tenants: Tenants;
  /**
   * Does what memory cannot answer, {@link LIMITS}.waitsPerReview at a time.
   * @throws OVERLOADED at once, where too many reviews wait already; then for every image that asks after it
   */
  wait<T>(work: () => Promise<T>): Promise<T>;
  /** Must be called when the answer is there. */
  stop(): void;
};

/** Begins a question. Whoever does not wait leaves nothing behind, and pays for nothing. */
export function startVisit(call: Call, { scope }: Question, { admit }: Pick<Deps, 'admit'>): Visit {
  // Who is not proven names the namespaces himself: any number of them.
  const namespace = call.proven === false ? UNPROVEN : (scope.namespace ?? '');
  return new LazyVisit(startDeadline(call), namespace, admit);
}

class LazyVisit implements Visit {
  readonly deadline: Deadline;
  readonly #namespace: string;
  readonly #admit: Deps['admit'];
  #tenants: Tenants | undefined;
  #leave: (() => void) | undefined;
  #refusal: unknown;
  #stopped = false;
  #slots: Slots | undefined;

  constructor(deadline: Deadline, namespace: string, admit: Deps['admit']) {
    this.deadline = deadline;
    this.#namespace = namespace;
    this.#admit = admit;
  }

  get tenants(): Tenants {
    this.#tenants ??= this.#namespace === '' ? NO_NAMESPACE : tenant(this.#namespace);
    return this.#tenants;
  }

  async wait<T>(work: () => Promise<T>): Promise<T> {
    this.#enter();
    this.#slots ??= createSlots(LIMITS.waitsPerReview);
    return this.#slots(work);
  }

  stop(): void {
    this.#stopped = true;
    this.deadline.stop();
    this.#leave?.();
    this.#leave = undefined;
  }

  #enter(): void {
    if (this.#stopped) throw new CountersignError('CANCELLED', 'the question was answered already');
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#leave !== undefined || this.#admit === undefined) return;
    try {
      this.#leave = this.#admit(this.#namespace);
    } catch (error) {
      this.#refusal = error;
      throw error;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
import { ADMISSION_CODES } from './codes/admission.ts';
import type { CodeClass } from './codes/entry.ts';
import { POLICY_CODES } from './codes/policy.ts';
import { REGISTRY_CODES } from './codes/registry.ts';
import { USAGE_CODES } from './codes/usage.ts';
import { VERIFICATION_CODES } from './codes/verification.ts';

export type { CodeClass };

/** Every code there is. Callers branch on the code, never on message text. */
export const CODES = {
  ...POLICY_CODES,
  ...VERIFICATION_CODES,
  ...REGISTRY_CODES,
  ...ADMISSION_CODES,
  ...USAGE_CODES,
} as const;

/** A stable code; `docs/reference/errors.md` has a heading for each. */
export type Code = keyof typeof CODES;

/**
 * The one error class. Everything thrown on purpose is one, so that a code never gets lost.
 * `message` says what was found and what was wanted; it never holds a secret.
 */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** What to do about it: the catalogue's hint for the code. */
  get hint(): string {
    return CODES[this.code].hint;
  }
}

/** Thrown inside `verify/` when the evidence says no; it becomes a rejected outcome at the folder's edge. */
export class VerificationError extends CountersignError {
  override readonly name = 'VerificationError';
}

/** The error as a {@link CountersignError}: itself, or INTERNAL_ERROR with the original as its cause. */
export function asCountersignError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new CountersignError('INTERNAL_ERROR', text, { cause: error });
}

/** Why the signal was aborted: its reason, or CANCELLED where that is none of ours. `what` is the subject of the message. */
export function abortReason({ reason }: AbortSignal, what?: string): CountersignError {
  if (reason instanceof CountersignError) return reason;
  const subject = what === undefined ? '' : `${what}: `;
  return new CountersignError('CANCELLED', `${subject}the caller went away`, { cause: reason });
}

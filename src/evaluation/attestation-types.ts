// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import type { Candidate } from '../verify/index.ts';
import type { InTurn } from './turns.ts';

/** What each candidate is by its own word, `undefined` where it cannot be read, {@link NO_TYPE} where nobody can demand it. */
const TYPES = new WeakMap<Candidate, string | undefined>();

/** In the place of a type that is longer than one in a policy may be. */
const NO_TYPE = '';

/** The type of an attestation by its own unverified word, found out once, in turn; `undefined` where it cannot be read. */
export async function typeIn(
  inTurn: InTurn,
  candidate: Candidate,
  typeOf: (candidate: Candidate) => string | undefined,
): Promise<string | undefined> {
  if (candidate.kind === 'unreadable' || TYPES.has(candidate)) return TYPES.get(candidate);
  const type = await inTurn(() => typeOf(candidate));
  // Nobody counts what is kept beside a candidate, and a type can be as long as a statement.
  const kept = type !== undefined && type.length > LIMITS.predicateTypeLength ? NO_TYPE : type;
  TYPES.set(candidate, kept);
  return kept;
}

/** The types that were found out of these candidates, each once: whoever wants another one sees what there is. */
export function typesAmong(candidates: readonly Candidate[]): readonly string[] {
  const types = candidates.flatMap((candidate) => TYPES.get(candidate) ?? []);
  return [...new Set(types)].filter((type) => type !== NO_TYPE);
}

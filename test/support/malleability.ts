// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Evidence } from '../../src/verify/index.ts';
import type { Malleable } from '../verify/mutation/malleable-fields.ts';
import type { Accepted } from './accepted-vectors.ts';
import type { Mutant } from './mutants.ts';

/** What came of the mutants: those that were accepted and may not be, and which entries of the list were needed. */
export type Findings = { readonly used: Set<Malleable>; readonly wrong: string[]; count: number };

export function noFindings(): Findings {
  return { used: new Set(), wrong: [], count: 0 };
}

/** Judges every mutant: refused with a code, or accepted because the list says so, with the evidence of the true one. */
export function judgeMutants(
  accepted: Accepted,
  mutants: Iterable<Mutant<string>>,
  list: readonly Malleable[],
  findings: Findings,
): void {
  const truth = accepted.judge(accepted.text);
  assert.ok(typeof truth !== 'string', `${accepted.name} as it is: ${truth}`);
  for (const mutant of mutants) {
    findings.count += 1;
    const verdict = accepted.judge(mutant.value);
    if (typeof verdict === 'string') continue;
    const entries = list.filter((one) => covers(one, accepted, mutant));
    const entry = entries.find(({ fewerTimes }) => isSameEvidence(truth, verdict, fewerTimes));
    if (entry !== undefined) {
      findings.used.add(entry);
      continue;
    }
    const verified = isSameEvidence(truth, verdict) ? 'accepted' : `accepted, as ${JSON.stringify(verdict)}`;
    findings.wrong.push(`${mutant.field}: ${mutant.way}: ${verified}`);
  }
}

/** Whether the list says that this may be changed so, of such material. */
export function covers(
  { field, ways, of = [] }: Malleable,
  { traits }: Accepted,
  mutant: Pick<Mutant<string>, 'field' | 'way'>,
): boolean {
  if (ways !== undefined && !ways.includes(mutant.way)) return false;
  return of.every((trait) => traits.has(trait)) && matches(field.split('/'), mutant.field.split('/'));
}

function matches([first, ...others]: readonly string[], names: readonly string[]): boolean {
  if (first === '**') return true;
  const [name, ...more] = names;
  if (first === undefined || name === undefined) return first === name;
  return (first === '*' || first === name) && matches(others, more);
}

/** Who, what and how are the same, always; the times too, unless one of several may be missing, and of keys all. */
export function isSameEvidence(truth: Evidence, found: Evidence, fewerTimes = false): boolean {
  const { times: known = [], ...rest } = truth;
  const { times = [], ...same } = found;
  if (JSON.stringify(rest) !== JSON.stringify(same)) return false;
  if (!fewerTimes) return times.join() === known.join();
  return (times.length > 0 || truth.issuer === undefined) && times.every((time) => known.includes(time));
}

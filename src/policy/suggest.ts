// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';

const SHOWN = 20;

/**
 * What to say about a name that is not among the known ones: the nearest one if it is a likely slip of the
 * keyboard, and all that are allowed.
 */
export function suggest(name: string, known: readonly string[]): string {
  if (known.length === 0) return '(there are none)';
  const nearest = nearestName(name, known);
  const question = nearest === undefined ? '' : `did you mean ${quote(nearest)}? `;
  const rest = known.length > SHOWN ? `, and ${known.length - SHOWN} more` : '';
  return `(${question}allowed: ${known.slice(0, SHOWN).join(', ')}${rest})`;
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  const reach = Math.max(1, Math.floor(Math.min(name.length, 60) / 3));
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > reach) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= reach && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** Insertions, deletions, replacements and swaps of two neighbours from the one to the other (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (beforePrevious[j - 2] ?? 0) + 1 : replaced;
      row.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [beforePrevious, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
}

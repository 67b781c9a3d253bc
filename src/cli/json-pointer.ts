// SPDX-License-Identifier: Apache-2.0

/**
 * Replaces the value that a JSON pointer (RFC 6901) names, in place. The pointers are those of our own pins,
 * so what they name exists.
 */
export function setAtPointer(document: object, pointer: string, value: unknown): void {
  const steps = pointer.split('/').slice(1).map(unescapeStep);
  const last = steps.pop() ?? '';
  let place = document as Record<string, unknown>;
  for (const step of steps) place = place[step] as Record<string, unknown>;
  place[last] = value;
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

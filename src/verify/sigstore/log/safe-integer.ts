// SPDX-License-Identifier: Apache-2.0

/** As a number; `undefined` where it is negative, or larger than any log can grow and JSON carries exactly. */
export function safeInteger(integer: bigint): number | undefined {
  const number = Number(integer);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

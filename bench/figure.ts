// SPDX-License-Identifier: Apache-2.0

/** One line of the table. A line without `wanted` is there to be read beside the others, and cannot fall short. */
export type Row = {
  readonly figure: string;
  readonly measured: string;
  readonly wanted?: string;
  readonly ok: boolean;
  /** The file of the baseline, from the folder of the project; printed with the table. */
  readonly baseline?: string;
};

/** Measures one figure; bounded in time, and throws where what was measured gave a wrong answer. */
export type Figure = () => Promise<readonly Row[]>;

/** A ratio that must not be smaller than `least`. */
export function atLeast(figure: string, ratio: number, least: number, baseline?: string): Row {
  const row = { figure, measured: ratio.toFixed(2), wanted: `≥ ${least}`, ok: ratio >= least };
  return baseline === undefined ? row : { ...row, baseline };
}

/** A count that must not be larger than `most`. */
export function atMost(figure: string, count: number, most: number): Row {
  return { figure, measured: String(count), wanted: `≤ ${most}`, ok: count <= most };
}

/** A count that must be exactly this. */
export function exactly(figure: string, count: number, wanted: number): Row {
  return { figure, measured: String(count), wanted: `= ${wanted}`, ok: count === wanted };
}

/** Something to know beside the figures. */
export function note(figure: string, measured: string): Row {
  return { figure, measured, ok: true };
}

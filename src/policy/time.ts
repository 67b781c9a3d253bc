// SPDX-License-Identifier: Apache-2.0

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** RFC 3339, section 5.6, without leap seconds: Unix time has none. */
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** The first millisecond after the day (UTC), or `undefined` where the text is no day of the calendar. */
export function endOfDay(text: string): number | undefined {
  const start = startOfDay(text);
  return start === undefined ? undefined : start + DAY_MS;
}

/**
 * A moment: an RFC 3339 date-time, or a day (UTC), of which `edge` is meant: its first or its last
 * millisecond. `undefined` where the text is neither, or a day or hour that does not exist.
 */
export function parseMoment(text: string, edge: 'start' | 'end'): number | undefined {
  const day = startOfDay(text);
  if (day !== undefined) return edge === 'start' ? day : day + DAY_MS - 1;
  return parseInstant(text);
}

/** `2027-02-28`. */
export function formatDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The last day of which some millisecond is before `end`. */
export function lastDayBefore(end: number): string {
  return formatDay(end - 1);
}

/** Whole days from the one to the other, a begun day counted. */
export function daysBetween(from: number, to: number): number {
  return Math.ceil((to - from) / DAY_MS);
}

/** JavaScript reads the 30th of February as a day in March, hence the way back. */
function startOfDay(text: string): number | undefined {
  if (!DAY.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00.000Z`);
  return Number.isNaN(time) || formatDay(time) !== text ? undefined : time;
}

function parseInstant(text: string): number | undefined {
  const parts = INSTANT.exec(text);
  const day = startOfDay(parts?.[1] ?? '');
  if (parts === null || day === undefined) return undefined;
  const [hours, minutes, seconds] = [Number(parts[2]), Number(parts[3]), Number(parts[4])];
  const milliseconds = Math.floor(Number(`0.${parts[5] ?? '0'}`) * 1000);
  const offset = (Number(parts[7] ?? 0) * 60 + Number(parts[8] ?? 0)) * (parts[6] === '-' ? -1 : 1);
  return day + ((hours * 60 + minutes - offset) * 60 + seconds) * 1000 + milliseconds;
}

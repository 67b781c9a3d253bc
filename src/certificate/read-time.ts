// SPDX-License-Identifier: Apache-2.0
import { DER, DerError, type DerValue } from './read-der.ts';

/**
 * Milliseconds since the epoch of a UTCTime (1950 to 2049) or GeneralizedTime, in Z (RFC 5280 §4.1.2.5). A
 * GeneralizedTime may have a fraction of a second (RFC 3161 §2.4.2), of which milliseconds are kept.
 */
export function readTime(value: DerValue | undefined): number {
  const text = Buffer.from(value?.content ?? []).toString('latin1');
  const short = value?.tag === DER.utcTime;
  const parts = (short ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if ((!short && value?.tag !== DER.generalizedTime) || parts === null) throw new DerError('not a time in Z');
  const [, years = '', ...rest] = parts;
  const year = Number(years) + (short ? (Number(years) < 50 ? 2000 : 1900) : 0);
  const [month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = rest.slice(0, 5).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hours, minutes, seconds, Number((rest[5] ?? '').slice(0, 3).padEnd(3, '0')));
  // JavaScript takes the 31st of a month with 30 days for the 1st of the next one, and 60 seconds for a minute.
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hours &&
    date.getUTCMinutes() === minutes &&
    date.getUTCSeconds() === seconds;
  if (!isReal) throw new DerError('no such time');
  return date.getTime();
}

const UTC_TIME = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{0,8}[1-9]))?Z$/;

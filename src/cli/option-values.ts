// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from '../admission/index.ts';
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';

/** The milliseconds of a duration such as `10s` or `1m30s`, from `least` to `most`; throws USAGE with the option's name. */
export function durationOf(option: string, text: string, least?: number, most?: number): number {
  if (/^\d+(?:\.\d+)?$/.test(text) && text.length < 16) {
    throw new CountersignError('USAGE', `${option}: ${quote(text)} has no unit, did you mean ${text}s?`);
  }
  try {
    return parseDuration(text, least, most);
  } catch (cause) {
    const message = `${option}: found ${quote(text)}, wanted a duration such as 10s or 1m30s`;
    throw new CountersignError('USAGE', message, { cause });
  }
}

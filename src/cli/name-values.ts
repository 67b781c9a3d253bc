// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';

type Pairs = Readonly<Record<string, string>>;

/**
 * Reads `NAME=VALUE`, or several with commas between, as cosign does, and adds them to those of the same option before; throws USAGE
 * with the option's name. A name with two values is refused: the last would count, and the others be believed to.
 */
export function pairsOf(option: string): (value: string, before: Pairs | undefined) => Pairs {
  return (value, before) => {
    const pairs = new Map(Object.entries(before ?? {}));
    for (const pair of value.split(',')) {
      const at = pair.indexOf('=');
      if (at < 1) throw new CountersignError('USAGE', `${option}: found ${pair}, wanted NAME=VALUE`);
      const [name, text] = [pair.slice(0, at), pair.slice(at + 1)];
      const known = pairs.get(name);
      if (known !== undefined && known !== text) {
        const message = `${option}: ${quote(name)} given twice, ${quote(known)} and ${quote(text)}`;
        throw new CountersignError('USAGE', message);
      }
      pairs.set(name, text);
    }
    return Object.fromEntries(pairs);
  };
}

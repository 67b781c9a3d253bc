// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';

const SHOWN = 40;
const NOT_AT_ITS_END = / but expecting end of input$/;

/** What other languages write, and what CEL writes for it. */
const MEANT = new Map([
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['&', '&&'],
  ['|', '||'],
  ['and', '&&'],
  ['or', '||'],
]);

const OPERATOR = /^(?:==|!=|<=|>=|&&|\|\||[-+*/%<>?]|in\b)/;

/**
 * What is wrong with an expression, in words for who wrote it. `rest` is the expression from the place on at which the parser
 * gave up, `what` is the parser's message. Where the right side of an operator cannot be read, the parser takes the operator
 * back too, and names the one character that it then stands at: that alone would point at what is right.
 */
export function syntaxAdvice(rest: string, what: string): string {
  if (what === 'reserved keyword') return reservedWord(/^\w+/.exec(rest)?.[0] ?? '');
  if (!NOT_AT_ITS_END.test(what)) {
    return what.replace(/ but expecting '.*\bidentifier\b.*$/s, ' but expecting an expression');
  }
  const word = /^(?:[=!&|]+|\w+)/.exec(rest)?.[0] ?? '';
  const meant = MEANT.get(word.toLowerCase());
  if (meant !== undefined) return `found ${quote(word)} (did you mean ${quote(meant)}?)`;
  const operator = OPERATOR.exec(rest)?.[0];
  if (operator !== undefined) return afterOperator(operator, rest.slice(operator.length).trim());
  if (/^[.([{]/.test(rest)) return `what begins here cannot be read: ${excerpt(rest)}`;
  return what;
}

function reservedWord(word: string): string {
  return `a reserved word; write ["${word}"] in place of .${word}`;
}

function afterOperator(operator: string, right: string): string {
  if (right === '') return `nothing stands after ${quote(operator)}`;
  return `what stands after ${quote(operator)} cannot be read: ${excerpt(right)}`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return quote(line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line);
}

// SPDX-License-Identifier: Apache-2.0
import { USE_WORDS } from '../admission/index.ts';
import { LIMITS } from '../limits.ts';
import { plainText } from './plain-text.ts';
import { decidingPolicy, type ImageReport, type PolicyReport, type ReportUse } from './report.ts';

/** Uses named one by one; of more, the number. */
const USES_SHOWN = 4;
const NAME_LENGTH = 128;
const MESSAGE_LENGTH = 2048;
const HINT_LENGTH = 512;

/** `container web, init container setup`: where an image is used; empty where that is not known. */
export function usesInWords({ uses }: ImageReport): string {
  const shown = uses.slice(0, USES_SHOWN).map(useInWords);
  return [...shown, ...more(uses.length - shown.length)].join(', ');
}

function useInWords({ container, kind, path, object }: ReportUse): string {
  const name = plainText(container, NAME_LENGTH);
  const within = object === undefined ? '' : `${plainText(object, NAME_LENGTH)}: `;
  return `${within}${USE_WORDS[kind]} ${name === '' ? plainText(path, NAME_LENGTH) : name}`;
}

/** The image as written, fit to be printed; of an object whose images could not be listed, the object. */
export function imageInWords({ image, object }: ImageReport): string {
  if (object !== undefined) return plainText(object, LIMITS.referenceLength);
  return image === '' ? '""' : plainText(image, LIMITS.referenceLength);
}

/** `rule web of policy acme`, the one that gave the image its code; empty where no rule spoke. */
export function ruleInWords(image: ImageReport): string {
  return policyInWords(decidingPolicy(image));
}

/** `rule web of policy acme`; empty where there is none. */
export function policyInWords(one: PolicyReport | undefined): string {
  if (one === undefined || one.rule === '') return '';
  return `rule ${plainText(one.rule, NAME_LENGTH)} of policy ${plainText(one.policy, NAME_LENGTH)}`;
}

/** A message without its full stop: it stands inside a longer line. */
export function messageInWords(message: string): string {
  return plainText(message, MESSAGE_LENGTH).replace(/\.$/, '');
}

/** A hint as the end of a line; nothing where there is none. */
export function hintClause(hint: string): string {
  return hint === '' ? '' : `; hint: ${plainText(hint, HINT_LENGTH)}`;
}

/** Nothing, or what says how many were left out. */
export function more(count: number): string[] {
  return count > 0 ? [`and ${count} more`] : [];
}

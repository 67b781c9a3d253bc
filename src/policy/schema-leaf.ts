// SPDX-License-Identifier: Apache-2.0
import * as z from 'zod';
import { CountersignError } from '../errors.ts';
import { parseRepositoryName } from '../image/reference.ts';
import { parsePattern } from './pattern.ts';
import { parseMoment } from './time.ts';

/** What `metadata.name`, signers and rules may be called: fit for a log, a metric and a Kubernetes name. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const NAME_RULE =
  'a name has letters, digits, ".", "_" and "-", starts and ends with a letter or digit, and has at most 63 characters';
const NAMESPACE = /^(?!.*\*\*)[a-z0-9*](?:[a-z0-9*-]{0,61}[a-z0-9*])?$/;
const LABEL_KEY =
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
/** A tag has at most 128 characters, and `sha256-<hex>.sig` takes 75 of them. */
const TAG_PREFIX = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,52}$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * A mapping without other keys. Of unknown keys the message is the list of the known ones, from which
 * `problemsOf` makes a sentence per key.
 */
export function mapping<S extends z.core.$ZodShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(',') : undefined),
  });
}

/** Text that a function checks: it gives the reason why not. `wanted` says what is missing where there is none. */
export function textThat(check: (text: string) => string | undefined, wanted = 'a text') {
  return z.string({ error: wanted }).superRefine((text, context) => {
    const message = check(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

/** Text that a parser accepts; what the parser says against it is the message. */
export function textThatParses(parse: (text: string) => unknown) {
  return textThat((text) => reasonAgainst(() => parse(text)));
}

/** A list that is not empty: of nothing, everything is true. */
export function listOf<T extends z.ZodType>(entry: T) {
  return z.array(entry).min(1, 'an empty list; at least one entry is needed');
}

/** A name that reports and metrics carry. */
export const NameSchema = z.string().regex(NAME, NAME_RULE);

/** A pattern of images that `parsePattern` accepts. */
export const PatternSchema = textThatParses(parsePattern);

/** A repository that `parseRepositoryName` accepts. */
export const RepositorySchema = textThatParses(parseRepositoryName);

/** What may stand before `sha256-<hex>.sig`, so that the whole is a tag. */
export const TagPrefixSchema = z
  .string()
  .regex(
    TAG_PREFIX,
    'what stands before sha256-….sig in a tag: 1 to 53 letters, digits, "_", "." and "-", the first of them no "." or "-"',
  );

function reasonAgainst(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof CountersignError) return error.message;
    throw error;
  }
}

/** A glob over the name of a namespace. */
export const NamespaceSchema = z
  .string()
  .regex(
    NAMESPACE,
    'a name of a Namespace, in which one * stands for any characters: lower-case letters, digits, "-" and "*"',
  );

export const ModeSchema = z.enum(['enforce', 'warn', 'audit']);

/** A moment; of a day its first or last millisecond. */
export function momentSchema(edge: 'start' | 'end') {
  return textThat((text) =>
    parseMoment(text, edge) === undefined
      ? 'not a day such as 2027-03-01, or an RFC 3339 date-time such as 2027-03-01T12:00:00Z, that exists'
      : undefined,
  );
}

/** Labels of a Namespace, by the grammar of Kubernetes. */
export const LabelsSchema = z
  .record(
    z.string().regex(LABEL_KEY, 'not the key of a Kubernetes label'),
    z.string().regex(LABEL_VALUE, 'not the value of a Kubernetes label'),
  )
  .refine((labels) => Object.keys(labels).length > 0, 'empty; name a label and its value');

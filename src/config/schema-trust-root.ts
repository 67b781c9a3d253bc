// SPDX-License-Identifier: Apache-2.0
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { listOf, mapping, NameSchema, textThat } from '../policy/schema-leaf.ts';

/** Hours between two refreshes: a repository that is looked at less often than once a week may have expired meanwhile. */
const LONGEST_REFRESH_HOURS = 168;
/** A path of names; none of them is `.` or `..`, and no other host or query hides in it. */
const TARGET = /^(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*$/;

const KINDS = ['file', 'tuf', 'files', 'publicGood'] as const;

const FileNameSchema = z.string().min(1, 'empty; name a file');

const FileSchema = mapping({ file: FileNameSchema });

/** A log that names itself by a host has no port, path or upper case in it, nor the brackets that a URL has around IPv6. */
const OriginSchema = textThat((text) =>
  /^[^[]/.test(text) && URL.parse(`https://${text}`)?.hostname === text
    ? undefined
    : 'the host name of the log in lower case, as in the first line of its checkpoints',
);

const RekorKeySchema = mapping({
  file: FileNameSchema,
  origin: OriginSchema.describe(
    'Of a Rekor v2 log: the name in the first line of its checkpoints, its host name.',
  ).optional(),
});

const MirrorUrlSchema = textThat((text) => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'not an https URL';
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return isPlain && text.length <= LIMITS.urlLength
    ? undefined
    : 'a URL with a host and a path only: no user name, query or fragment';
});

const TufSchema = mapping({
  mirror: MirrorUrlSchema.describe(
    'Where the TUF metadata is; without it, that of the public-good instance.',
  ).optional(),
  root: FileSchema.describe('The root metadata of the repository that trust begins with.').optional(),
  target: z
    .string()
    .max(LIMITS.urlLength, 'too long')
    .regex(TARGET, 'the path of a target, such as trusted_root.json')
    .describe('The target that holds the trust root.')
    .optional(),
  refreshHours: z
    .number()
    .min(1, 'at least 1')
    .max(LONGEST_REFRESH_HOURS, `at most ${LONGEST_REFRESH_HOURS}, a week`)
    .describe('Hours between two refreshes by the server.')
    .optional(),
});

const FilesSchema = mapping({
  certificateChain: FileSchema.describe('PEM: the certificate that issues first, its root last.').optional(),
  rekorKeys: listOf(RekorKeySchema).describe('PEM public keys of transparency logs.').optional(),
  ctKeys: listOf(FileSchema).describe('PEM public keys of certificate logs.').optional(),
  timestampChain: FileSchema.describe('PEM: the chain of a timestamp authority.').optional(),
}).refine((files) => Object.keys(files).length > 0, 'empty; name at least one file');

/** One trust root: exactly one of four kinds. */
const TrustRootSchema = mapping({
  file: FileNameSchema.describe('A trusted_root.json; a relative path is beside this document.').optional(),
  tuf: TufSchema.describe('A TUF repository, asked beside the requests.').optional(),
  files: FilesSchema.describe('Single PEM files: an authority of your own.').optional(),
  publicGood: mapping({}).describe('The public-good instance, as Countersign brings it along.').optional(),
}).superRefine((entry, context) => {
  const named = KINDS.filter((kind) => entry[kind] !== undefined);
  if (named.length === 1) return;
  const found = named.length === 0 ? 'none' : named.join(' and ');
  context.addIssue({ code: 'custom', message: `found ${found}, wanted exactly one of ${KINDS.join(', ')}` });
});

/** The trust roots of a Config, as they are written. */
export const TrustRootsSchema = z
  .record(NameSchema, TrustRootSchema)
  .refine(
    (roots) => Object.keys(roots).length <= LIMITS.trustRoots,
    `at most ${LIMITS.trustRoots} trust roots`,
  )
  .describe('By the name that signers give in trustRoot; those that give none mean "default".');

/** The type of {@link TrustRootsSchema}. */
export type TrustRootsDocument = z.infer<typeof TrustRootsSchema>;

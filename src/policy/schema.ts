// SPDX-License-Identifier: Apache-2.0
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { problemWithPredicateType } from './predicate-type.ts';
import {
  LabelsSchema,
  listOf,
  ModeSchema,
  mapping,
  NameSchema,
  NamespaceSchema,
  PatternSchema,
  RepositorySchema,
  TagPrefixSchema,
  textThat,
} from './schema-leaf.ts';
import { SignerSchema } from './schema-signer.ts';
import { endOfDay } from './time.ts';

const REASON_LENGTH = 500;

/** Written out, since a type cannot be inferred from itself. */
export type RequirementDocument =
  | string
  | { any: RequirementDocument[] }
  | { all: RequirementDocument[] }
  | { atLeast: number; of: RequirementDocument[] };

const RequirementSchema: z.ZodType<RequirementDocument> = z
  .lazy(() =>
    z.union(
      [
        z.string(),
        mapping({ any: listOf(RequirementSchema) }),
        mapping({ all: listOf(RequirementSchema) }),
        mapping({ atLeast: z.int().min(1, 'at least 1'), of: listOf(RequirementSchema) }),
      ],
      { error: 'the name of a signer, or one of {any: […]}, {all: […]}, {atLeast: N, of: […]}' },
    ),
  )
  .meta({ id: 'Requirement', description: 'The name of a signer, or several combined, nested freely.' });

const AllowSchema = mapping({
  reason: z
    .string()
    .max(REASON_LENGTH, `longer than ${REASON_LENGTH} characters`)
    .regex(/\S/, 'empty; say why the image may run unverified')
    .describe('Why these images may run unverified.'),
  until: textThat(
    (text) =>
      text !== 'never' && endOfDay(text) === undefined
        ? 'not a day that exists, such as 2027-03-01, or the word never'
        : undefined,
    'a day such as 2027-03-01, or never',
  ).describe('The last day (UTC) on which it holds, or the word never.'),
});

const SignaturesSchema = mapping({
  repository: RepositorySchema.describe(
    'The repository that holds the signatures, in place of the one of the image; no tag, no digest.',
  ).optional(),
  tagPrefix: TagPrefixSchema.describe(
    'What stands before sha256-….sig in the tags of signatures.',
  ).optional(),
}).meta({ anyOf: [{ required: ['repository'] }, { required: ['tagPrefix'] }] });

const AttestationSchema = mapping({
  type: textThat(problemWithPredicateType).describe(
    'The predicate type: a URI, or one of the names that cosign has for some.',
  ),
  by: RequirementSchema.describe('Who must have signed such an attestation.'),
  where: z
    .string()
    .regex(/\S/, 'empty; leave it out, or say what must hold')
    .max(LIMITS.whereLength, `longer than ${LIMITS.whereLength} characters`)
    .describe('An expression of CEL over predicate, subject, image and now; only true passes.')
    .optional(),
  quantifier: z
    .enum(['every', 'any', 'newest'])
    .describe('Of which of the attestations where must hold: every one (default), any, or the newest.')
    .optional(),
}).describe('An attestation that images must have.');

const RuleSchema = mapping({
  name: NameSchema.describe('Names the rule in reports, metrics and the audit log.'),
  images: listOf(PatternSchema).describe('Patterns of images that the rule is for.'),
  except: listOf(PatternSchema)
    .describe('Patterns taken out of images; the next rule looks at them.')
    .optional(),
  namespaces: listOf(NamespaceSchema).describe('The rule is for these namespaces only.').optional(),
  namespaceLabels: LabelsSchema.describe(
    'The rule is for namespaces with all of these labels: labels of the Namespace, never of the workload.',
  ).optional(),
  require: RequirementSchema.optional(),
  attestations: listOf(AttestationSchema)
    .max(LIMITS.attestationsPerRule, `more than ${LIMITS.attestationsPerRule} attestations`)
    .describe('Attestations that the images must have: all of these, beside require.')
    .optional(),
  allow: AllowSchema.describe('Lets the images in unverified.').optional(),
  signatures: SignaturesSchema.describe(
    'Where the signatures of these images are looked for, in place of the own repository of each.',
  ).optional(),
  platforms: z
    .enum(['index', 'every'])
    .describe(
      'What must be verified of a multi-platform image: the index (default), or every image in it instead.',
    )
    .optional(),
  mode: ModeSchema.describe(
    'What a verdict other than verified does; before modes, default enforce.',
  ).optional(),
  pin: z
    .enum(['pods', 'all'])
    .describe('What gets the verified digest written into it: Pods (default), or controllers too.')
    .optional(),
  unsafePin: z
    .literal('never')
    .describe('Nothing is pinned: what runs may differ from what was verified.')
    .optional(),
  tags: z.literal('forbid').describe('What the user wrote must name a digest.').optional(),
}).meta({
  oneOf: [{ anyOf: [{ required: ['require'] }, { required: ['attestations'] }] }, { required: ['allow'] }],
});

const NamespaceModeSchema = mapping({ namespaces: listOf(NamespaceSchema), mode: ModeSchema });

/** The whole document. What one value alone can get wrong is checked here, everything else in `check.ts`. */
export const TrustPolicySchema = mapping({
  apiVersion: z.literal('countersign.dev/v1'),
  kind: z.literal('TrustPolicy'),
  metadata: mapping({ name: NameSchema.describe('Names the document in reports.') }),
  signers: z
    .record(NameSchema, SignerSchema)
    .describe('Who may have signed, by name; names are local to the document.')
    .optional(),
  rules: listOf(RuleSchema)
    .max(LIMITS.rules, `more than ${LIMITS.rules} rules`)
    .describe(
      'The first rule that matches decides; an image that no rule of any document matches is denied.',
    ),
  modes: listOf(NamespaceModeSchema)
    .describe('The mode of namespaces, first match; what is not listed is enforced.')
    .optional(),
});

/** The document as it is written, checked. */
export type TrustPolicyDocument = z.infer<typeof TrustPolicySchema>;
export type RuleDocument = z.infer<typeof RuleSchema>;
export type AttestationDocument = z.infer<typeof AttestationSchema>;

/** The JSON Schema (draft 7) of the policy document, made of the same schema that checks it. */
export function policyJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(TrustPolicySchema, { target: 'draft-7', io: 'input' });
  return { title: 'Countersign TrustPolicy', ...schema };
}

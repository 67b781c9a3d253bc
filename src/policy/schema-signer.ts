// SPDX-License-Identifier: Apache-2.0
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { CLAIMS } from './certificate-identity.ts';
import { CLAIM_ALIASES, type WrittenClaim } from './claim-names.ts';
import { parseIssuer } from './issuer.ts';
import { parseRegexp } from './regexp.ts';
import { listOf, mapping, momentSchema, NameSchema, textThatParses } from './schema-leaf.ts';
import { parseSegmentPattern } from './segment-pattern.ts';
import { parseSubjectPattern } from './subject-pattern.ts';

const KeySchema = mapping({
  file: z
    .string()
    .min(1, 'empty; name a file')
    .describe('A PEM file with the public key; a relative path is beside this document.')
    .optional(),
  pem: z.string().describe('The public key itself, as PEM.').optional(),
  hash: z
    .enum(['sha224', 'sha256', 'sha384', 'sha512'])
    .describe('The hash that was signed, where it is not the one of the signature format.')
    .optional(),
  notBefore: momentSchema('start')
    .describe('From when on the key is trusted: a day (UTC) or an RFC 3339 date-time.')
    .optional(),
  notAfter: momentSchema('end')
    .describe('Until when the key is trusted, inclusive: a day (UTC) or an RFC 3339 date-time.')
    .optional(),
}).meta({ oneOf: [{ required: ['file'] }, { required: ['pem'] }] });

const LOG_RULE = `required, none, or a number of entries from 1 to ${LIMITS.tlogEntries}`;

const RegexpSchema = textThatParses(parseRegexp);

function claimsSchema<T extends z.ZodType>(value: T) {
  const names = [...Object.keys(CLAIM_ALIASES), ...Object.keys(CLAIMS)] as WrittenClaim[];
  const shape = Object.fromEntries(names.map((name) => [name, value.optional()]));
  return mapping(shape as Record<WrittenClaim, z.ZodOptional<T>>).meta({ minProperties: 1 });
}

const KeylessSchema = mapping({
  issuer: textThatParses(parseIssuer)
    .describe(
      'Who vouched for the signer, exactly: the OIDC issuer in the certificate; none: it names no issuer.',
    )
    .optional(),
  issuerRegexp: RegexpSchema.describe(
    'A regular expression (RE2 syntax) that the whole issuer must match.',
  ).optional(),
  subject: textThatParses(parseSubjectPattern)
    .describe('Who signed: a URI, an e-mail address or another name; * inside a segment, ** for several.')
    .optional(),
  subjectRegexp: RegexpSchema.describe(
    'A regular expression (RE2 syntax) that the whole subject must match, whatever kind of name it is.',
  ).optional(),
  unsafeAnySubject: z.literal(true).describe('Whoever the issuer knows may have signed.').optional(),
  claims: claimsSchema(textThatParses(parseSegmentPattern))
    .describe('What else the certificate must say; * inside a segment, ** for several.')
    .optional(),
  claimsRegexp: claimsSchema(RegexpSchema)
    .describe('The same as regular expressions (RE2 syntax) over the whole value.')
    .optional(),
  unsafeAnyCaller: z
    .literal(true)
    .describe('Of a GitHub issuer: any repository may call the workflow that signs.')
    .optional(),
})
  .meta({
    allOf: [
      { oneOf: [{ required: ['issuer'] }, { required: ['issuerRegexp'] }] },
      {
        oneOf: [
          { required: ['subject'] },
          { required: ['subjectRegexp'] },
          { required: ['unsafeAnySubject'] },
        ],
      },
    ],
  })
  .describe('An identity that a certificate authority vouched for.');

const count = (most: number) => z.int().min(0, 'at least 0').max(most, `more than ${most}`);

/** A signer as it is written. What one value alone can get wrong is checked here, everything else in `check-signers.ts`. */
export const SignerSchema = mapping({
  key: z
    .union(
      [KeySchema, listOf(KeySchema).max(LIMITS.keysPerSigner, `more than ${LIMITS.keysPerSigner} keys`)],
      {
        error: 'a key, or a list of keys',
      },
    )
    .describe('A public key, or a list of them: one signer, rotating.')
    .optional(),
  keyless: KeylessSchema.optional(),
  trustRoot: NameSchema.describe(
    'The trust root that certificates, log entries and timestamps are verified by (default "default").',
  ).optional(),
  log: z
    .union([z.enum(['required', 'none']), z.int().min(1, LOG_RULE).max(LIMITS.tlogEntries, LOG_RULE)], {
      error: LOG_RULE,
    })
    .describe('Entries of transparency logs that the signature must have: keyless required (1), keys none.')
    .optional(),
  timestamps: count(LIMITS.timestamps)
    .describe('Timestamps by trusted authorities that the signature must have (default 0).')
    .optional(),
  scts: count(LIMITS.certificateTimestamps)
    .describe('Promises of certificate logs that the certificate must have (default 1).')
    .optional(),
  unsafeNoTime: z
    .literal(true)
    .describe('The certificate is held against now: nothing proves when it signed.')
    .optional(),
  annotations: z
    .record(z.string().min(1, 'an empty name of an annotation'), z.string())
    .describe('What the signature must carry, name and value.')
    .optional(),
  signedIdentity: z
    .literal('repository')
    .describe('The signed payload must name the repository of the image.')
    .optional(),
})
  .meta({ oneOf: [{ required: ['key'] }, { required: ['keyless'] }] })
  .describe('Who may have signed.');

/** A signer as it is written, checked. */
export type SignerDocument = z.infer<typeof SignerSchema>;
/** An identity as it is written, checked. */
export type KeylessDocument = z.infer<typeof KeylessSchema>;

// SPDX-License-Identifier: Apache-2.0
import * as z from 'zod';
import { CountersignError } from '../errors.ts';
import { parseRegistry } from '../image/registry-host.ts';
import { LIMITS } from '../limits.ts';
import { mapping, textThat } from '../policy/schema-leaf.ts';
import { parseMirror } from './mirror.ts';
import { TrustRootsSchema } from './schema-trust-root.ts';

const LONGEST_TAG_SECONDS = 86_400;
const LONGEST_USERNAME = 512;
const KUBERNETES_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

const HostSchema = textThat(whyNot(parseRegistry));

const MirrorSchema = textThat(whyNot(parseMirror));

/** Why a text cannot be parsed; `undefined` where it can. */
function whyNot(parse: (text: string) => unknown): (text: string) => string | undefined {
  return (text) => {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      if (error instanceof CountersignError) return error.message;
      throw error;
    }
  };
}

const KubernetesNameSchema = z
  .string()
  .regex(KUBERNETES_NAME, 'a name of Kubernetes: lower-case letters, digits, "-" and "."');

function fileSchema(description: string) {
  return mapping({ file: z.string().min(1, 'empty; name a file').describe(description) });
}

const RegistrySchema = mapping({
  ca: fileSchema('A PEM file of certificates; a relative path is beside this document.')
    .describe('Trusted for this host and its token server, beside the usual roots.')
    .optional(),
  clientCertificate: mapping({
    cert: fileSchema('A PEM file: the certificate, then those that lead to its authority.'),
    key: fileSchema('A PEM file with the private key of the certificate, not encrypted.'),
  })
    .describe('Shown to this host, and to no other, where it asks for a certificate.')
    .optional(),
  tokenServer: HostSchema.describe(
    'The host, with its port if it is not 443, that credentials for this registry may be sent to for a token.',
  ).optional(),
  mirror: MirrorSchema.describe(
    'HOST or HOST/PATH, asked first for what is named by digest: there the repositories of this host stand below PATH.',
  ).optional(),
  unsafeMirrorTags: z
    .boolean()
    .describe('Ask the mirror first for tags and lists of signatures too, and believe it.')
    .optional(),
  unsafePlainHttp: z.boolean().describe('Speak plain HTTP to this host.').optional(),
}).describe('How one host is reached. Naming it allows addresses that are refused otherwise.');

/** The Config document, as it is written. */
export const ConfigSchema = mapping({
  apiVersion: z.literal('countersign.dev/v1'),
  kind: z.literal('Config'),
  registries: z
    .record(HostSchema, RegistrySchema)
    .describe('By host, with its port if it is not 443.')
    .optional(),
  cache: mapping({
    tagSeconds: z
      .int()
      .min(0, 'at least 0, which switches the cache of tags off')
      .max(LONGEST_TAG_SECONDS, `at most ${LONGEST_TAG_SECONDS}, a day`)
      .describe('Seconds that "this tag gives that digest" is believed; 0 asks the registry each time.')
      .optional(),
  }).optional(),
  pullSecrets: z
    .array(
      mapping({
        name: KubernetesNameSchema.describe(
          'The name of a Secret of type kubernetes.io/dockerconfigjson or dockercfg.',
        ),
        namespace: KubernetesNameSchema.describe(
          'Its namespace; without it, the one that the server runs in.',
        ).optional(),
      }),
    )
    .max(LIMITS.pullSecrets, `at most ${LIMITS.pullSecrets} Secrets`)
    .describe('Secrets of credentials that the server uses for every image.')
    .optional(),
  controllers: z
    .array(
      z.string().min(1, 'empty; name a user').max(LONGEST_USERNAME, `at most ${LONGEST_USERNAME} characters`),
    )
    .describe(
      'The user names of the controllers that make Pods from templates, in the place of the default ones.',
    )
    .optional(),
  trustRoots: TrustRootsSchema.optional(),
});

/** The type of {@link ConfigSchema}. */
export type ConfigDocument = z.infer<typeof ConfigSchema>;

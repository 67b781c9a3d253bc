// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';

/** The options that say which identity signed, and what is demanded beside its signature. */
export type IdentityOptions = {
  readonly certificateIdentity?: string;
  readonly certificateIdentityRegexp?: string;
  readonly certificateOidcIssuer?: string;
  readonly certificateOidcIssuerRegexp?: string;
  readonly certificateGithubWorkflowTrigger?: string;
  readonly certificateGithubWorkflowSha?: string;
  readonly certificateGithubWorkflowName?: string;
  readonly certificateGithubWorkflowRepository?: string;
  readonly certificateGithubWorkflowRef?: string;
  readonly insecureIgnoreTlog?: boolean;
  readonly insecureIgnoreSct?: boolean;
  readonly useSignedTimestamps?: boolean;
};

/** The options of an identity by their fields, as they are written. */
export const IDENTITY_FLAGS = {
  certificateIdentity: '--certificate-identity',
  certificateIdentityRegexp: '--certificate-identity-regexp',
  certificateOidcIssuer: '--certificate-oidc-issuer',
  certificateOidcIssuerRegexp: '--certificate-oidc-issuer-regexp',
  certificateGithubWorkflowTrigger: '--certificate-github-workflow-trigger',
  certificateGithubWorkflowSha: '--certificate-github-workflow-sha',
  certificateGithubWorkflowName: '--certificate-github-workflow-name',
  certificateGithubWorkflowRepository: '--certificate-github-workflow-repository',
  certificateGithubWorkflowRef: '--certificate-github-workflow-ref',
  insecureIgnoreTlog: '--insecure-ignore-tlog',
  insecureIgnoreSct: '--insecure-ignore-sct',
  useSignedTimestamps: '--use-signed-timestamps',
} as const satisfies Record<keyof IdentityOptions, string>;

/** Adds these options to a command. */
export function addIdentityOptions(command: Command): Command {
  const flags = IDENTITY_FLAGS;
  return command
    .option(`${flags.certificateIdentity} <id>`, 'who signed, exactly: a URI or an e-mail address')
    .option(
      `${flags.certificateIdentityRegexp} <re>`,
      'the same as a regular expression, over the whole identity',
    )
    .option(`${flags.certificateOidcIssuer} <url>`, 'who vouched for that identity, exactly')
    .option(
      `${flags.certificateOidcIssuerRegexp} <re>`,
      'the same as a regular expression, over the whole issuer',
    )
    .option(`${flags.certificateGithubWorkflowTrigger} <event>`, 'what started the workflow, such as push')
    .option(`${flags.certificateGithubWorkflowSha} <commit>`, 'commit that the workflow ran for')
    .option(`${flags.certificateGithubWorkflowName} <name>`, 'name of the workflow')
    .option(`${flags.certificateGithubWorkflowRepository} <name>`, 'repository that ran it, as OWNER/NAME')
    .option(`${flags.certificateGithubWorkflowRef} <ref>`, 'ref that it ran for, such as refs/heads/main')
    .option(
      flags.insecureIgnoreTlog,
      'no transparency log entry; without timestamps the certificate must be valid now',
    )
    .option(flags.insecureIgnoreSct, 'no promise of a certificate log in the certificate')
    .option(flags.useSignedTimestamps, 'a timestamp by a trusted authority is demanded as well');
}

/** The options of an identity that are there, as they are written. */
export function identityFlags(options: IdentityOptions): readonly string[] {
  return Object.entries(IDENTITY_FLAGS)
    .filter(([field]) => options[field as keyof IdentityOptions] !== undefined)
    .map(([, flag]) => flag);
}

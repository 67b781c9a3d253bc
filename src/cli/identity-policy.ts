// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  literalClaims,
  literalIssuer,
  literalSubject,
  PolicyError,
  parseRegexp,
} from '../policy/index.ts';
import { IDENTITY_FLAGS, type IdentityOptions, identityFlags } from './identity-options.ts';

/**
 * The policy that the options of an identity stand for: everything must be signed by it, and its signer is named
 * `identity`. One policy language, so that an identity on the command line is held to exactly what one in a file is.
 * What is not said to be a regular expression stands for itself, wildcards included; where a text and a regular expression are
 * given, both must match.
 *
 * @throws CountersignError USAGE
 */
export function identityPolicy(
  options: IdentityOptions,
  annotations?: Readonly<Record<string, string>>,
): CompiledPolicy {
  checkValues(options);
  const document = {
    apiVersion: 'countersign.dev/v1',
    kind: 'TrustPolicy',
    metadata: { name: 'command-line' },
    signers: {
      identity: {
        keyless: {
          ...subjectOf(options),
          ...issuerOf(options),
          ...literalClaims(claimsOf(options)),
        },
        ...demandsOf(options),
        ...(annotations === undefined ? {} : { annotations }),
      },
    },
    rules: [{ name: 'identity', images: ['**'], require: 'identity' }],
  };
  try {
    return compilePolicy(JSON.stringify(document), { source: 'the command line', readFile: noFiles });
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw usage(error.issues.map(({ message }) => message).join('; '));
  }
}

function checkValues(options: IdentityOptions): void {
  for (const [field, flag] of Object.entries(IDENTITY_FLAGS)) {
    if (options[field as keyof IdentityOptions] === '') throw usage(`${flag}: empty`);
  }
}

function subjectOf(options: IdentityOptions) {
  const { certificateIdentity: text, certificateIdentityRegexp: regexp } = options;
  const flags = [IDENTITY_FLAGS.certificateIdentity, IDENTITY_FLAGS.certificateIdentityRegexp] as const;
  if (regexp !== undefined) checkRegexp(regexp, text, flags);
  if (text !== undefined) return literalSubject(text);
  if (regexp !== undefined) return { subjectRegexp: regexp };
  throw missing(options, flags);
}

function issuerOf(options: IdentityOptions) {
  const { certificateOidcIssuer: text, certificateOidcIssuerRegexp: regexp } = options;
  const flags = [IDENTITY_FLAGS.certificateOidcIssuer, IDENTITY_FLAGS.certificateOidcIssuerRegexp] as const;
  if (regexp !== undefined) checkRegexp(regexp, text, flags);
  if (text !== undefined) return literalIssuer(text);
  if (regexp !== undefined) return { issuerRegexp: regexp };
  throw missing(options, flags);
}

type Flags = readonly [exact: string, regexp: string];

/** Both must match, and only the exact text does: so either the regular expression takes it, or nothing ever matches both. */
function checkRegexp(regexp: string, text: string | undefined, [exact, flag]: Flags): void {
  const matches = testOf(regexp, flag);
  if (text === undefined || matches(text)) return;
  throw usage(`${flag} does not match ${exact} ${quote(text)}: nothing ever matches both`);
}

function testOf(regexp: string, flag: string): (text: string) => boolean {
  try {
    return parseRegexp(regexp).matches;
  } catch (error) {
    throw usage(`${flag}: found ${quote(regexp)}: ${(error as Error).message}`);
  }
}

function missing(options: IdentityOptions, [exact, regexp]: Flags): CountersignError {
  return usage(`${identityFlags(options).join(', ')}: an identity needs ${exact} or ${regexp} as well`);
}

function claimsOf(options: IdentityOptions) {
  const claims = {
    githubWorkflowTrigger: options.certificateGithubWorkflowTrigger,
    githubWorkflowSHA: options.certificateGithubWorkflowSha,
    githubWorkflowName: options.certificateGithubWorkflowName,
    githubWorkflowRepository: options.certificateGithubWorkflowRepository,
    githubWorkflowRef: options.certificateGithubWorkflowRef,
  };
  return Object.fromEntries(
    Object.entries(claims).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** As in cosign: without an entry and a timestamp the certificate is held against now. */
function demandsOf({ insecureIgnoreTlog, insecureIgnoreSct, useSignedTimestamps }: IdentityOptions) {
  return {
    ...(insecureIgnoreTlog ? { log: 'none' } : {}),
    ...(insecureIgnoreSct ? { scts: 0 } : {}),
    ...(useSignedTimestamps ? { timestamps: 1 } : {}),
    ...(insecureIgnoreTlog && !useSignedTimestamps ? { unsafeNoTime: true } : {}),
  };
}

function noFiles(name: string): string {
  throw new TypeError(`an identity names no file such as ${name}`);
}

function usage(message: string): CountersignError {
  return new CountersignError('USAGE', message);
}

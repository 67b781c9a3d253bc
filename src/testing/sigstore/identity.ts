// SPDX-License-Identifier: Apache-2.0
import { explicit, implicit, oid, sequence, utf8String } from '../../certificate/der.ts';
import { CLAIMS, type ClaimName, type SubjectKind } from '../../policy/certificate-identity.ts';
import { extension } from './x509.ts';

/** Who a test certificate is for. */
export type TestIdentity = {
  readonly issuer: string;
  /** With `://` a URI, with `@` an e-mail address, else a DNS name; or of the kind given. */
  readonly subject: string | { readonly kind: SubjectKind; readonly value: string };
  readonly claims?: Readonly<Partial<Record<ClaimName, string>>>;
  /** Which of the two issuer extensions are there: `.1` (raw), `.8` (UTF8String). Default: both, as Fulcio does today. */
  readonly issuerExtensions?: readonly (1 | 8)[];
};

const FULCIO = '1.3.6.1.4.1.57264.1';
/** The last arc that holds raw text. */
const LAST_RAW = 6;

/** A GitHub Actions workflow, with every claim that Fulcio puts into the certificate of a push. */
export function githubIdentity(
  repository: string,
  options: { readonly workflow?: string; readonly ref?: string; readonly sha?: string } = {},
): TestIdentity {
  const {
    workflow = 'release.yaml',
    ref = 'refs/heads/main',
    sha = '0123456789abcdef'.repeat(3).slice(8),
  } = options;
  const uri = `https://github.com/${repository}`;
  const subject = `${uri}/.github/workflows/${workflow}@${ref}`;
  return {
    issuer: 'https://token.actions.githubusercontent.com',
    subject,
    claims: {
      githubWorkflowTrigger: 'push',
      githubWorkflowSHA: sha,
      githubWorkflowName: workflow.replace(/\.ya?ml$/, ''),
      githubWorkflowRepository: repository,
      githubWorkflowRef: ref,
      buildSignerURI: subject,
      buildSignerDigest: sha,
      runnerEnvironment: 'github-hosted',
      sourceRepositoryURI: uri,
      sourceRepositoryDigest: sha,
      sourceRepositoryRef: ref,
      sourceRepositoryIdentifier: '11',
      sourceRepositoryOwnerURI: uri.slice(0, uri.lastIndexOf('/')),
      sourceRepositoryOwnerIdentifier: '2',
      buildConfigURI: subject,
      buildConfigDigest: sha,
      buildTrigger: 'push',
      runInvocationURI: `${uri}/actions/runs/3/attempts/1`,
      sourceRepositoryVisibilityAtSigning: 'public',
      tokenSubject: `repo:${repository}:ref:${ref}`,
    },
  };
}

/** The extensions in which Fulcio says who asked for the certificate, in the order of their numbers. */
export function fulcioExtensions(identity: TestIdentity): readonly Buffer[] {
  const { issuer, claims = {}, issuerExtensions = [1, 8] } = identity;
  const values = [
    ...issuerExtensions.map((arc) => [arc, issuer] as const),
    ...Object.entries(claims).map(([name, text]) => [CLAIMS[name as ClaimName], text] as const),
  ];
  return values
    .sort(([a], [b]) => a - b)
    .map(([arc, text]) =>
      extension(`${FULCIO}.${arc}`, false, arc <= LAST_RAW ? Buffer.from(text) : utf8String(text)),
    );
}

/** The critical subjectAltName (RFC 5280 §4.2.1.6) with these names, in their order. */
export function alternativeNames(subjects: readonly TestIdentity['subject'][]): Buffer {
  return extension('2.5.29.17', true, sequence(...subjects.map(encodeSubject)));
}

function encodeSubject(subject: TestIdentity['subject']): Buffer {
  const { kind, value } = typeof subject === 'string' ? { kind: kindOf(subject), value: subject } : subject;
  if (kind === 'email') return implicit(1, Buffer.from(value));
  if (kind === 'dns') return implicit(2, Buffer.from(value));
  if (kind === 'uri') return implicit(6, Buffer.from(value));
  return explicit(0, oid(`${FULCIO}.7`), explicit(0, utf8String(value)));
}

function kindOf(subject: string): SubjectKind {
  if (subject.includes('://')) return 'uri';
  return subject.includes('@') ? 'email' : 'dns';
}

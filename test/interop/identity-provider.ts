// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from 'node:crypto';
import { type LoopbackServer, serveLoopback } from './loopback-server.ts';

/** The claims of a token, and the issuer that makes it: `mail` for people, `workflow` for GitHub Actions. */
export type TokenRequest = {
  readonly issuer: 'mail' | 'workflow';
  readonly claims: Readonly<Record<string, string | boolean>>;
};

/** Two OpenID Connect issuers on one port; nobody logs in: who asks gets the token. */
export type IdentityProvider = LoopbackServer & {
  /** What stands in certificates as the issuer. */
  issuer(of: TokenRequest['issuer']): string;
  /** A signed ID token for Fulcio, good for ten minutes. */
  token(request: TokenRequest): string;
};

/** A person, known by an e-mail address. */
export const PERSON: TokenRequest = {
  issuer: 'mail',
  claims: { sub: 'person', email: 'dev@example.test', email_verified: true },
};

const AUDIENCE = 'sigstore';

/** Starts the issuers: discovery, keys, and tokens that are signed RS256 (OpenID Connect Discovery 1.0). */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' }];
  const server = await serveLoopback((path) => {
    const issuer = `${server.url}/${path.split('/')[1]}`;
    if (path.endsWith('/.well-known/openid-configuration')) return discovery(issuer);
    return path.endsWith('/keys') ? { keys } : undefined;
  });
  const issuer = (name: TokenRequest['issuer']) => `${server.url}/${name}`;
  return {
    ...server,
    issuer,
    token(request) {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: issuer(request.issuer),
        aud: AUDIENCE,
        iat: now,
        exp: now + 600,
        ...request.claims,
      };
      const parts = [{ alg: 'RS256', kid: 'test', typ: 'JWT' }, claims];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
    },
  };
}

function discovery(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/keys`,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** A run of a GitHub workflow, with all that GitHub tells Fulcio of it; `repository` is `OWNER/NAME`. */
export function workflowOf(repository: string): TokenRequest {
  const sha = '0123456789abcdef0123456789abcdef01234567';
  const workflow = `${repository}/.github/workflows/release.yml@refs/heads/main`;
  const claims = {
    sub: `repo:${repository}:ref:refs/heads/main`,
    event_name: 'push',
    sha,
    workflow: 'release',
    repository,
    repository_id: '11',
    repository_owner: repository.split('/')[0] ?? '',
    repository_owner_id: '2',
    repository_visibility: 'public',
    ref: 'refs/heads/main',
    job_workflow_ref: workflow,
    job_workflow_sha: sha,
    workflow_ref: workflow,
    workflow_sha: sha,
    runner_environment: 'github-hosted',
    run_id: '3',
    run_attempt: '1',
  };
  return { issuer: 'workflow', claims };
}

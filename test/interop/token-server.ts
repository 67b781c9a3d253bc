// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { createTestCertificate } from '../../src/testing/index.ts';

const ISSUER = 'interop-tokens';

/** A token server as docker-registry wants one: it signs what may be pulled and pushed. */
export type TokenServer = {
  readonly realm: string;
  /** PEM of the certificate that docker-registry must trust. */
  readonly certificate: string;
  readonly issuer: string;
  /** Scopes asked for so far, in order. */
  readonly scopes: readonly string[];
  close(): Promise<void>;
};

/** Anonymous clients may pull, `user` may push too. Tokens are ES256 JWTs with the certificate in `x5c`. */
export async function startTokenServer(user: { name: string; password: string }): Promise<TokenServer> {
  const { certificate, privateKey } = createTestCertificate({ hosts: ['127.0.0.1'] });
  const scopes: string[] = [];
  const expected = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const asked = url.searchParams.getAll('scope').flatMap((scope) => scope.split(' '));
    scopes.push(...asked);
    const mayPush = request.headers.authorization === expected;
    if (request.headers.authorization !== undefined && !mayPush) {
      response.writeHead(401).end();
      return;
    }
    const access = asked.map((scope) => accessOf(scope, mayPush));
    const token = makeToken(url.searchParams.get('service') ?? '', access, certificate, privateKey);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token, expires_in: 60 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the token server has no port');
  return {
    // A name, because cosign refuses a realm on a private address.
    realm: `http://localhost:${address.port}/token`,
    certificate,
    issuer: ISSUER,
    scopes,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function accessOf(scope: string, mayPush: boolean) {
  const [type = '', name = '', actions = ''] = scope.split(':');
  return { type, name, actions: actions.split(',').filter((action) => action === 'pull' || mayPush) };
}

function makeToken(service: string, access: unknown, certificate: string, privateKey: string): string {
  const now = Math.floor(Date.now() / 1000);
  const x5c = [new X509Certificate(certificate).raw.toString('base64')];
  const claims = {
    iss: ISSUER,
    sub: '',
    aud: service,
    nbf: now - 10,
    iat: now,
    exp: now + 60,
    jti: randomUUID(),
    access,
  };
  const signed = `${encode({ typ: 'JWT', alg: 'ES256', x5c })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), {
    key: createPrivateKey(privateKey),
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

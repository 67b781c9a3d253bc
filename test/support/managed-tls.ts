// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import {
  authoritiesIn,
  type Certificate,
  hasSigned,
  parseTlsState,
} from '../../src/certificate/tls-state.ts';
import { createKubernetesClient } from '../../src/kubernetes/index.ts';
import type { ManagedTls } from '../../src/server/managed/managed-certificate.ts';
import type { ApiServer } from './api-server/server.ts';

export const SECRETS = '/api/v1/namespaces/own/secrets';
export const WEBHOOKS = ['mutating', 'validating'].map(
  (kind) => `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`,
);
const KEYS = ['ca.crt', 'ca.key', 'next-ca.key', 'tls.crt', 'tls.key'] as const;

/** A certificate kept in the Secret `tls` of this API server, with everything that waits made short. */
export function managedTls(t: TestContext, api: ApiServer, changes: Partial<ManagedTls> = {}): ManagedTls {
  const client = createKubernetesClient(api.access);
  t.after(() => client.close());
  const backoff = { firstMs: 20, longestMs: 100 };
  return {
    client,
    namespace: 'own',
    secret: 'tls',
    service: 'web',
    webhooks: 'countersign',
    lifetimeMs: 3_600_000,
    timing: { spreadMs: 100, pollMs: 1_000, pauseMs: 10, backoff },
    ...changes,
  };
}

/** What a chart installs: an empty Secret and both webhook configurations, with `webhooks` webhooks each. */
export function installChart(api: ApiServer, webhooks = 2): void {
  const data = { 'tls.crt': '', 'tls.key': '' };
  api.store.put(SECRETS, { metadata: { name: 'tls' }, type: 'kubernetes.io/tls', data } as object);
  for (const collection of WEBHOOKS) installWebhooks(api, collection, webhooks);
}

/** One webhook configuration, with nothing that it trusts. */
export function installWebhooks(api: ApiServer, collection: string, count = 2): void {
  const webhooks = Array.from({ length: count }, (_, index) => ({
    name: `w${index}.countersign.dev`,
    failurePolicy: 'Fail',
    clientConfig: { service: { name: 'web', namespace: 'own', path: '/validate' } },
  }));
  const metadata = { name: 'countersign', labels: { app: 'countersign' } };
  api.store.put(collection, { metadata, webhooks } as object);
}

/** The texts of the Secret. */
export function textsIn(api: ApiServer): Record<(typeof KEYS)[number], string> {
  const data = Object(api.store.get(SECRETS, 'tls')?.['data']);
  const texts = KEYS.map((key) => [key, Buffer.from(data[key] ?? '', 'base64').toString('utf8')]);
  return Object.fromEntries(texts);
}

/** What can be used of the Secret. */
export function stateIn(api: ApiServer) {
  return parseTlsState(textsIn(api));
}

/** Writes texts into the Secret, over what is there. */
export function writeTexts(api: ApiServer, texts: Readonly<Record<string, string>>): void {
  const before = api.store.get(SECRETS, 'tls');
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  const metadata = { name: 'tls', ...before?.metadata };
  api.store.put(SECRETS, { ...before, metadata, data: { ...Object(before?.['data']), ...data } } as object);
}

/** The authorities of each webhook of both configurations. */
export function trustIn(api: ApiServer): readonly (readonly Certificate[])[] {
  return WEBHOOKS.flatMap((collection) => {
    const { webhooks = [] } = Object(api.store.get(collection, 'countersign'));
    return webhooks.map((one: { clientConfig: { caBundle?: string } }) =>
      authoritiesIn(Buffer.from(one.clientConfig.caBundle ?? '', 'base64').toString('utf8')),
    );
  });
}

/** Whether every webhook trusts an authority that signed this certificate. */
export function isTrusted(api: ApiServer, one: Certificate): boolean {
  return trustIn(api).every((bundle) => bundle.some((authority) => hasSigned(authority, one)));
}

/** The fingerprint of what a server serves to somebody who asks for the Service and trusts what the webhooks trust. */
export async function servedTo(api: ApiServer, address: string): Promise<string> {
  const ca = trustIn(api).flatMap((bundle) => bundle.map(({ pem }) => pem));
  const port = Number(address.split(':').at(-1));
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'web.own.svc' });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

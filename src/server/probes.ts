// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LIMITS } from '../limits.ts';
import { neededRoots } from '../trust/index.ts';
import { boundConnections } from './connections.ts';
import type { Metrics } from './metrics.ts';
import type { PolicySource } from './policy-source.ts';
import type { TrustSource } from './trust-source.ts';

/** What the probes look at. */
export type Health = {
  readonly policies: PolicySource;
  readonly trust: TrustSource;
  /** When the certificate in use ends, in milliseconds since the epoch; `undefined` while there is none. */
  readonly certificateExpiresAt: () => number | undefined;
  readonly isListening: () => boolean;
  readonly isDraining: () => boolean;
  readonly clock: () => number;
};

type Page = { readonly ok: boolean; readonly type: string; readonly text: string };

/** The probe listener, plain HTTP: `/healthz`, `/readyz`, `/metrics`. It tells nothing of any review. */
export function createProbeServer(health: Health, metrics: Metrics): Server {
  let wasReady = false;
  const ready = () => {
    const page = readyPage(health, wasReady);
    wasReady ||= page.ok;
    return page;
  };
  const pages: Readonly<Record<string, () => Page | Promise<Page>>> = {
    '/healthz': () => healthPage(health),
    '/readyz': ready,
    '/metrics': async () => ({ ok: true, type: metrics.contentType, text: await metrics.text() }),
  };
  const server = createServer({
    maxHeaderSize: LIMITS.requestHeaderBytes,
    headersTimeout: LIMITS.requestHeadersMs,
    requestTimeout: LIMITS.requestMs,
  });
  // Whoever does not read his answer must not keep out the kubelet, which would end the process.
  boundConnections(server, undefined, () => true);
  server.on('request', (request, response) => {
    answer(pages, request, response).catch(() => response.destroy());
  });
  return server;
}

async function answer(
  pages: Readonly<Record<string, () => Page | Promise<Page>>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) {
    response.writeHead(404, { connection: 'close' }).end();
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', connection: 'close' }).end();
  } else {
    const { ok, type, text } = await page();
    response.writeHead(ok ? 200 : 503, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  }
}

/** Alive: the main listener is bound, or has been and is finishing its work. */
function healthPage({ isListening, isDraining }: Health): Page {
  const ok = isListening() || isDraining();
  return json(ok, { status: ok ? 'ok' : 'not listening' });
}

/**
 * Ready: policies are loaded, and the trust roots that they need, the certificate has not expired, and the process is not ending. How old either
 * is, and whether newer documents are broken, is detail: a replica that falls back on the last good policy serves. One that was ready stays so where
 * a new policy needs a trust root that is not there: else all replicas would go at once, and deny also what needs none.
 */
function readyPage(
  { policies, trust, certificateExpiresAt, isListening, isDraining, clock }: Health,
  wasReady: boolean,
): Page {
  const now = clock();
  const { loadedAt, lastReload } = policies.state();
  const expiresAt = certificateExpiresAt();
  const policy = policies.current().length > 0;
  const certificate = expiresAt !== undefined && now < expiresAt;
  const trusted = trustDetail(trust, policies, now);
  const ready = isListening() && !isDraining() && policy && (trusted.ok || wasReady) && certificate;
  return json(ready, {
    ready,
    listening: isListening(),
    draining: isDraining(),
    policy: {
      ok: policy,
      documents: policies.current().length,
      loadedAt: new Date(loadedAt).toISOString(),
      ageSeconds: Math.round((now - loadedAt) / 1000),
      lastReload,
    },
    trust: trusted,
    certificate: {
      ok: certificate,
      ...(expiresAt !== undefined && { notAfter: new Date(expiresAt).toISOString() }),
    },
  });
}

/** Whether there is each trust root that a policy needs, and how old all of them are; nobody is unready for that. */
function trustDetail(trust: TrustSource, policies: PolicySource, now: number) {
  const { roots } = trust.current();
  const ok = neededRoots(policies.current()).every((name) => roots.has(name));
  const details = trust.state().map(({ name, fingerprint, loadedAt, lastRefresh, nextExpiry }) => ({
    name,
    fingerprint,
    ageSeconds: Math.round((now - loadedAt) / 1000),
    lastRefresh,
    ...(nextExpiry !== undefined && { nextExpiry: new Date(nextExpiry).toISOString() }),
  }));
  return { ok, roots: details };
}

function json(ok: boolean, value: unknown): Page {
  return { ok, type: 'application/json', text: `${JSON.stringify(value)}\n` };
}

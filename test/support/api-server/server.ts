// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { KubernetesAccess } from '../../../src/kubernetes/index.ts';
import { createTestCa, createTestCertificate } from '../../../src/testing/index.ts';
import { Status, Store, type StoreEvent } from './store.ts';
import { isSelected, listPage, targetOf, write } from './verbs.ts';

/** A request as it came in. */
export type Asked = { readonly method: string; readonly url: URL; readonly token: string | undefined };

/** What a test has the server do instead of answering: an answer of its own, or nothing but a closed connection. */
type Fault = { readonly status: number; readonly text: string } | 'hang up' | undefined;

/** An API server in memory, over HTTPS. It knows no kinds, and stores what it is given. */
export type ApiServer = {
  readonly store: Store;
  readonly access: KubernetesAccess;
  readonly ca: string;
  /** From now on new connections get a certificate of another authority; gives that as PEM. */
  changeAuthority(): string;
  dropConnections(): void;
  connections(): Promise<number>;
  readonly asked: readonly Asked[];
  /** What the `Date` of its answers says; by itself they have none, as tests of rotation go by a clock of their own. */
  clock: (() => number) | undefined;
  /** Decides about each request from now on. */
  fault: (asked: Asked) => Fault;
  /** Calls this before each request is worked on, after the fault. */
  before: (asked: Asked) => void | Promise<void>;
  /** Ends all watches; `text` goes out before. */
  endWatches(text?: string): void;
  bookmark(): void;
  readonly watches: () => number;
  close(): Promise<void>;
};

/** Starts one that is closed with the test. `tokens`: who may ask; absent: everybody. */
export async function startApiServer(
  t: TestContext,
  options: { tokens?: () => readonly string[] } = {},
): Promise<ApiServer> {
  const store = new Store();
  const ca = createTestCa();
  const { certificate: cert, privateKey: key } = createTestCertificate({ ca });
  const watches = new Set<ServerResponse>();
  const asked: Asked[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = askedOf(request);
    response.sendDate = false;
    if (api.clock !== undefined) response.setHeader('date', new Date(api.clock()).toUTCString());
    asked.push(one);
    const text = await textOf(request);
    const fault = api.fault(one);
    if (fault === 'hang up') return void response.destroy();
    if (fault !== undefined) return void response.writeHead(fault.status).end(fault.text);
    if (options.tokens !== undefined && !options.tokens().includes(one.token ?? ''))
      throw new Status(401, 'Unauthorized');
    await api.before(one);
    await work(one, request, text, response);
  }

  async function work(one: Asked, request: IncomingMessage, text: string, response: ServerResponse) {
    const { collection, name } = targetOf(one.url.pathname);
    const query = one.url.searchParams;
    if (one.method !== 'GET') {
      const body = text === '' ? {} : JSON.parse(text);
      const done = write(store, one.method, { collection, name }, body, contentTypeOf(request));
      sendJson(response, 200, done);
    } else if (query.get('watch') === 'true') {
      watch(response, collection, one.url);
    } else if (name === undefined) {
      sendJson(response, 200, listPage(store, collection, query));
    } else {
      const object = store.get(collection, name);
      if (object === undefined) throw new Status(404, 'NotFound');
      sendJson(response, 200, object);
    }
  }

  function watch(response: ServerResponse, collection: string, { searchParams }: URL): void {
    const from = Number(searchParams.get('resourceVersion') ?? store.version);
    if (from < store.oldest) throw new Status(410, 'Expired');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const tell = (event: StoreEvent) => {
      const { type, object, version } = event;
      if (response.writableEnded || event.collection !== collection || version <= from) return;
      if (!isSelected(object, searchParams)) return;
      response.write(`${JSON.stringify({ type, object })}\n`);
    };
    if (!searchParams.has('resourceVersion')) {
      for (const object of store.list(collection))
        tell({ version: store.version + 1, collection, type: 'ADDED', object });
    }
    store.events.forEach(tell);
    store.listeners.add(tell);
    watches.add(response);
    response.on('close', () => {
      store.listeners.delete(tell);
      watches.delete(response);
    });
  }

  const server = createServer({ cert, key }, (request, response) => {
    answer(request, response).catch((error) => {
      const { code = 500, reason = 'InternalError' } = error instanceof Status ? error : {};
      // The message quotes what it is about, as that of a real server does.
      sendJson(response, code, { kind: 'Status', status: 'Failure', code, reason, message: 'SECRET VALUE' });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api: ApiServer = {
    store,
    ca: ca.certificate,
    access: { server: new URL(`https://127.0.0.1:${port}`), ca: () => ca.certificate },
    changeAuthority() {
      const other = createTestCa();
      const leaf = createTestCertificate({ ca: other });
      server.setSecureContext({ cert: leaf.certificate, key: leaf.privateKey });
      return other.certificate;
    },
    dropConnections: () => server.closeAllConnections(),
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    asked,
    clock: undefined,
    fault: () => undefined,
    before: () => {},
    watches: () => watches.size,
    endWatches(text) {
      for (const response of watches) {
        if (text !== undefined) response.write(text);
        response.end();
      }
    },
    bookmark() {
      const object = { kind: 'Namespace', metadata: { resourceVersion: String(store.version) } };
      for (const response of watches) response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
  t.after(() => api.close());
  return api;
}

function askedOf({ method = '', url = '', headers }: IncomingMessage): Asked {
  const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
  return { method, url: new URL(url, 'https://api'), token };
}

function contentTypeOf({ headers }: IncomingMessage): string {
  return headers['content-type'] ?? '';
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

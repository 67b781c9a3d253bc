// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, LookupFunction, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { type Config, DEFAULT_CONFIG, type RegistryConfig } from '../../src/config/config.ts';
import { type Code, CountersignError } from '../../src/errors.ts';
import {
  type Credential,
  type Credentials,
  createRegistry,
  type Exchange,
  NO_CREDENTIALS,
  type ProxySettings,
  passwordCredential,
  type Registry,
  type RequestKind,
  type TransportOptions,
} from '../../src/registry/index.ts';
import { startTestRegistry, type TestRegistry, type TestRegistryOptions } from '../../src/testing/index.ts';

/** An exchange that writes down what it sends. */
export function exchange(milliseconds = 60_000, signal = new AbortController().signal) {
  const requests: RequestKind[] = [];
  const deadline = performance.now() + milliseconds;
  return {
    signal,
    deadline,
    requests,
    onRequest: (kind: RequestKind) => requests.push(kind),
  } satisfies Exchange & {
    requests: RequestKind[];
  };
}

/** A Config that names these registries. */
export function configOf(registries: Readonly<Record<string, RegistryConfig>>): Config {
  return { ...DEFAULT_CONFIG, registries: new Map(Object.entries(registries)) };
}

/** One credential for one registry, by its exact name. */
export function credentialFor(
  registry: string,
  credential: Credential = passwordCredential('alice', 's3cret'),
): Credentials {
  return { find: (repository) => (repository.registry === registry ? [credential] : []), warnings: [] };
}

type ClientOptions = {
  readonly registries?: Readonly<Record<string, RegistryConfig>>;
  readonly credentials?: Credentials;
  readonly allowLoopback?: boolean;
  readonly proxies?: ProxySettings;
  readonly transport?: TransportOptions;
};

/** A client that is closed when the test is over. Loopback is allowed, as on the command line, unless said otherwise. */
export function clientFor(t: TestContext, options: ClientOptions = {}): Registry {
  const client = createRegistry({
    config: configOf(options.registries ?? {}),
    credentials: options.credentials ?? NO_CREDENTIALS,
    allowLoopback: options.allowLoopback ?? true,
    ...(options.proxies && { proxies: options.proxies }),
    ...(options.transport && { transport: options.transport }),
  });
  t.after(() => client.close());
  return client;
}

/** A registry in memory that is closed when the test is over. */
export async function registryFor(t: TestContext, options?: TestRegistryOptions): Promise<TestRegistry> {
  const registry = await startTestRegistry(options);
  t.after(() => registry.close());
  return registry;
}

export type RawServer = {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    /** The common name of the certificate that the client showed. */
    readonly client: string | undefined;
  }[];
  /** How many connections were made. */
  readonly connections: () => number;
};

/** A server that says whatever the test wants, asks for a client certificate and takes any, closed when the test is over. */
export async function rawServer(
  t: TestContext,
  handle: RequestListener,
  tls?: { readonly certificate: string; readonly privateKey: string },
): Promise<RawServer> {
  const requests: RawServer['requests'][number][] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers, socket } = request;
    const shown = socket instanceof TLSSocket ? socket.getPeerCertificate()?.subject?.CN : undefined;
    requests.push({ method, path: url, headers, client: shown === undefined ? undefined : String(shown) });
    handle(request, response);
  };
  const server = tls
    ? createSecureServer(
        { cert: tls.certificate, key: tls.privateKey, requestCert: true, rejectUnauthorized: false },
        listener,
      )
    : createServer(listener);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return { host, port, url: `${tls ? 'https' : 'http'}://${host}`, requests, connections: () => connections };
}

/** A name server of our own. */
export function lookupOf(
  names: Readonly<Record<string, readonly string[]>>,
): LookupFunction & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    asked.push(hostname);
    const found = names[hostname];
    if (found === undefined) {
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), []);
      return;
    }
    assert.equal(options.all, true);
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { asked });
}

/** Asserts that the promise fails with the code, and that the message holds no secret of these tests. */
export async function rejectsWith(
  promise: Promise<unknown>,
  code: Code,
  message = /./,
): Promise<CountersignError> {
  const error = await promise.then(
    (value) => assert.fail(`wanted ${code}, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CountersignError, `wanted ${code}, got ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /s3cret|alice|YWxpY2U|X-Amz|Bearer|token-of/);
  return error;
}

/** `{ registry, repository }` of a host. */
export function at(host: string, repository = 'acme/app') {
  return { registry: host, repository };
}

/** Waits for what a server will have seen soon; fails where it does not. */
export async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!condition()) {
    assert.ok(performance.now() < limit, `waited in vain for ${condition}`);
    await sleep(5);
  }
}

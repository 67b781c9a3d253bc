// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseAdmissionReview } from '../../src/admission/index.ts';
import type { Facts } from '../../src/discover/index.ts';
import { renderUnread, reportOf } from '../../src/report/index.ts';
import type { Fields, Log } from '../../src/server/log.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import type { Engine } from '../../src/server/review-doors.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/server/serve.ts';
import { createTestCa, createTestCertificate, type TestCa } from '../../src/testing/index.ts';
import { temporaryFolder } from './mounted-volume.ts';

/** A line of the log as it was handed over. */
export type LogLine = { readonly level: string; readonly message: string; readonly [field: string]: unknown };

/** A server under test, on free loopback ports, and all that it says. */
export type TestServer = RunningServer & {
  readonly folder: string;
  readonly ca: TestCa;
  readonly certFile: string;
  readonly keyFile: string;
  readonly policyFile: string;
  readonly lines: readonly LogLine[];
  readonly metrics: Metrics;
};

export const EXEMPT_ALL = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
rules: [{ name: all, images: ["**"], allow: { reason: test, until: never } }]
`;

/** Facts for tests in which no registry is asked. */
export const NO_FACTS: Facts = {
  resolve: () => Promise.reject(new Error('no registry in this test')),
  discover: () => Promise.reject(new Error('no registry in this test')),
  platforms: () => Promise.reject(new Error('no registry in this test')),
};

/** An engine that finds nothing to judge, except where the test says otherwise. */
export function stubEngine(overrides: Partial<Engine> = {}): Engine {
  return {
    async validate(body) {
      const request = parseAdmissionReview(body);
      const listing = { uses: [], subject: 'none', mirror: false } as const;
      return { request, listing, report: reportOf([]), answer: renderUnread(request.uid) };
    },
    async mutate(body) {
      const request = parseAdmissionReview(body);
      return { request, pins: [], answer: renderUnread(request.uid) };
    },
    ...overrides,
  };
}

/** Files of a server: a certificate for loopback, and a policy that exempts everything. */
export function writeServerFiles(t: TestContext) {
  const folder = temporaryFolder(t);
  const ca = createTestCa();
  const { certificate, privateKey } = createTestCertificate({ ca });
  const files = {
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    policyFile: join(folder, 'policy.yaml'),
  };
  writeFileSync(files.certFile, certificate);
  writeFileSync(files.keyFile, privateKey);
  writeFileSync(files.policyFile, EXEMPT_ALL);
  return { folder, ca, ...files };
}

/** Starts a server that is closed with the test. */
export async function startTestServer(
  t: TestContext,
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const files = writeServerFiles(t);
  const metrics = createMetrics();
  const { log, lines } = recordingLog();
  const server = await startServer({
    listen: '127.0.0.1:0',
    probeListen: '127.0.0.1:0',
    tls: files,
    policies: [files.policyFile],
    engine: stubEngine(),
    world: { facts: NO_FACTS, clock: Date.now },
    metrics,
    log,
    ...options,
    timing: { finishMs: 1_000, watch: { pollMs: 50, settleMs: 10 }, ...options.timing },
  });
  t.after(() => server.close());
  return { ...server, ...files, lines, metrics };
}

/** A log that keeps its lines. */
export function recordingLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: string) => (fields: Fields, message: string) => {
    lines.push({ ...(typeof fields === 'function' ? fields() : fields), level, message: message });
  };
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    close: async () => {},
  };
  return { log, lines };
}

/** A review of the API server, with what the test wants to be different in its request. */
export function reviewOf(request: object = {}): unknown {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'uid-1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      name: 'web',
      operation: 'CREATE',
      userInfo: { username: 'alice', groups: [] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] },
      },
      oldObject: null,
      ...request,
    },
  };
}

export type Answered = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  readonly json: () => { readonly [field: string]: unknown; readonly response?: ReviewResponse };
};
type ReviewResponse = {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
};

/** Posts a body, by default as JSON and to `/validate`, on a connection of its own unless an agent is given. */
export function post(
  { address, ca }: Pick<TestServer, 'address' | 'ca'>,
  body: string | Uint8Array,
  options: RequestOptions = {},
): Promise<Answered> {
  const { headers, ...others } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(options.path ?? '/validate', `https://${address}`),
      {
        method: 'POST',
        agent: false,
        ca: ca.certificate,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        },
        ...others,
      },
      (response) => answered(response).then(resolve, reject),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Gets a page of the probe listener. */
export function probe({ probeAddress }: Pick<TestServer, 'probeAddress'>, path: string, method = 'GET') {
  return new Promise<Answered>((resolve, reject) => {
    plainRequest(new URL(path, `http://${probeAddress}`), { agent: false, method }, (response) => {
      answered(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
}

/** The whole answer. */
export async function answered(response: import('node:http').IncomingMessage): Promise<Answered> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: () => JSON.parse(text),
  };
}

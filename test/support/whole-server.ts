// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DEFAULT_CONFIG, type RegistryConfig } from '../../src/config/index.ts';
import { createFacts } from '../../src/discover/index.ts';
import { mutate, validate } from '../../src/evaluate.ts';
import {
  type Credentials,
  createRegistry,
  NO_CREDENTIALS,
  type TransportOptions,
} from '../../src/registry/index.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import type { TrustOptions } from '../../src/server/trust-repositories.ts';
import { createTestKey, type TestRegistry } from '../../src/testing/index.ts';
import { type Answered, post, probe, startTestServer, type TestServer } from './admission-server.ts';
import { temporaryFolder } from './mounted-volume.ts';
import { parsePrometheusText } from './prometheus-text.ts';

/** The signers of the policies of these tests; `alias` is the key of `release` under another name. */
export const KEYS = {
  release: createTestKey('ecdsa-p256'),
  security: createTestKey('ed25519'),
  stranger: createTestKey('ecdsa-p256'),
};

/** A policy with these rules, and the signers release, security and alias, and more. */
function policyText(rules: string, signers: string): string {
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers:
  release: { key: { file: release.pub } }
  security: { key: { file: security.pub } }
  alias: { key: { file: release.pub } }
${signers}
rules:
${rules}
`;
}

/** Everything must be signed by `release`. */
const RELEASE_FOR_ALL = '  - { name: all, images: ["**"], require: release }';

type Options = {
  readonly rules?: string;
  /** More signers, as lines of the policy. */
  readonly signers?: string;
  /** The trust roots of the Config. Default: none. */
  readonly trust?: TrustOptions;
  /** The Config names these, and no other host may be on loopback or speak plain HTTP. */
  readonly registries: Readonly<Record<string, RegistryConfig>>;
  readonly credentials?: Credentials;
  readonly transport?: TransportOptions;
  readonly clock?: () => number;
};

/** The admission server with everything real behind it: pipeline, facts, registry client. */
export type WholeServer = TestServer & {
  /** Sends a review; `timeout` is the API server's, in seconds; by default the longest there is. */
  ask(body: unknown, options?: AskOptions): Promise<Verdict>;
  /** The sum of a metric over all its labels. */
  count(name: string): Promise<number>;
  /** How many requests the registry client has made so far: retries, redirects and tokens too. */
  sent(): Promise<number>;
  /** Rewrites the policy file in place; the server reloads it by itself. */
  setRules(rules: string): void;
};

type AskOptions = { readonly timeout?: number; readonly door?: '/validate' | '/mutate' };

/** What the HTTPS response says. */
export type Verdict = {
  readonly status: number;
  readonly uid: string | undefined;
  readonly allowed: boolean | undefined;
  /** Of the audit annotations. */
  readonly code: string | undefined;
  readonly verdict: string | undefined;
  readonly message: string;
  readonly patch: string | undefined;
};

/** Starts such a server; everything is closed with the test. */
export async function startWholeServer(t: TestContext, options: Options): Promise<WholeServer> {
  const folder = temporaryFolder(t);
  const policyFile = join(folder, 'policy.yaml');
  const setRules = (rules: string) => writeFileSync(policyFile, policyText(rules, options.signers ?? ''));
  for (const [name, key] of Object.entries(KEYS)) {
    writeFileSync(join(folder, `${name}.pub`), key.publicKeyPem);
  }
  setRules(options.rules ?? RELEASE_FOR_ALL);
  const registry = createRegistry({
    config: { ...DEFAULT_CONFIG, registries: new Map(Object.entries(options.registries)) },
    credentials: options.credentials ?? NO_CREDENTIALS,
    allowLoopback: false,
    ...(options.transport && { transport: options.transport }),
  });
  t.after(() => registry.close());
  const metrics = createMetrics();
  const { tagSeconds } = DEFAULT_CONFIG.cache;
  const facts = createFacts({ registry, tagSeconds, onLookup: metrics.factLookup });
  const server = await startTestServer(t, {
    metrics,
    policies: [policyFile],
    ...(options.trust && { trust: options.trust }),
    engine: { validate, mutate },
    world: { facts, clock: options.clock ?? Date.now },
  });
  const count = async (name: string) => {
    const families = parsePrometheusText((await probe(server, '/metrics')).text);
    return (families.get(name)?.samples ?? []).reduce((sum, { value }) => sum + value, 0);
  };
  return {
    ...server,
    metrics,
    setRules,
    async ask(body, { timeout = 30, door = '/validate' } = {}) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return verdictOf(await post(server, text, { path: `${door}?timeout=${timeout}s` }));
    },
    count,
    sent: () => count('countersign_registry_requests_total'),
  };
}

/** A Config entry that names the registry, which speaks plain HTTP. */
export function named(...registries: readonly Pick<TestRegistry, 'host'>[]) {
  return Object.fromEntries(registries.map(({ host }) => [host, { unsafePlainHttp: true }]));
}

/** Reads an answer; one that is no AdmissionReview has a status and a message only. */
export function verdictOf(answer: Answered): Verdict {
  const body = answer.json() as {
    readonly message?: string;
    readonly response?: {
      readonly uid: string;
      readonly allowed: boolean;
      readonly patch?: string;
      readonly status?: { readonly message: string };
      readonly auditAnnotations?: { readonly code: string; readonly verdict: string };
    };
  };
  const { response } = body;
  return {
    status: answer.status,
    uid: response?.uid,
    allowed: response?.allowed,
    code: response?.auditAnnotations?.code,
    verdict: response?.auditAnnotations?.verdict,
    message: response?.status?.message ?? answer.text,
    patch: response?.patch,
  };
}

// SPDX-License-Identifier: Apache-2.0
import { nextLook, nextState, type Wanted } from '../../certificate/rotation.ts';
import type { TlsState } from '../../certificate/tls-state.ts';
import { CountersignError } from '../../errors.ts';
import type { KubernetesClient } from '../../kubernetes/index.ts';
import { type ReadSecret, readTlsSecret, type SecretPlace, writeTlsSecret } from './tls-secret.ts';
import { readWebhooks, trustAuthorities, trustedBy, type WebhookConfigurations } from './webhook-trust.ts';

/** What one pass works with. */
export type Reconciling = {
  readonly client: KubernetesClient;
  readonly place: SecretPlace;
  /** The name of the webhook configurations. */
  readonly webhooks: string;
  readonly wanted: Wanted;
  /** What time it is, and whether all replicas go by that clock. To be asked after the API server has answered. */
  readonly time: () => { readonly now: number; readonly shared: boolean };
  /** How long API servers may take to hear of a changed webhook configuration. */
  readonly spreadMs: number;
  /** Told of the state of the Secret whenever its authorities are trusted, and when they could not be made so. */
  readonly adopt: (state: TlsState) => void;
  /** Told of what was written: the Secret, or a webhook configuration, by its path. */
  readonly wrote: (what: string) => void;
};

/** Since when every webhook trusts these authorities, as this process has seen it. */
export type TrustMemory = { bundle: string; since: number };

/** What came of a pass: when to look again at the latest, and which configurations there are none of yet. */
export type Pass = {
  readonly lookAt: number;
  readonly missing: readonly string[];
  /** Whether an authority waits to be heard of everywhere. */
  readonly spreading: boolean;
};

/** A pass has some three steps; more are conflicts. */
const MOST_STEPS = 20;

/**
 * Brings Secret and webhook configurations to where they should be, step by step; each step begins with reading
 * both, so that what another replica has done in the meantime is where it goes on.
 *
 * @throws CountersignError what the client throws, KUBERNETES_CONFLICT after many of them
 */
export async function reconcile(parts: Reconciling, memory: TrustMemory, signal: AbortSignal): Promise<Pass> {
  for (let step = 0; step < MOST_STEPS; step += 1) {
    try {
      const pass = await takeStep(parts, memory, signal);
      if (pass !== undefined) return pass;
    } catch (error) {
      if (!(error instanceof CountersignError) || error.code !== 'KUBERNETES_CONFLICT') throw error;
    }
  }
  throw new CountersignError(
    'KUBERNETES_CONFLICT',
    'the Secret or a webhook configuration changes all the time',
  );
}

/** Answers `undefined` where it wrote something, and there may be more to do. */
async function takeStep(
  parts: Reconciling,
  memory: TrustMemory,
  signal: AbortSignal,
): Promise<Pass | undefined> {
  // In this order: see trustAuthorities.
  const configurations = await readWebhooks(parts.client, parts.webhooks, signal);
  const secret = await readTlsSecret(parts.client, parts.place, signal);
  const waitMs = await spread(parts, memory, configurations, secret, signal);
  parts.adopt(secret.state);
  const { now, shared } = parts.time();
  const known = trustedBy(configurations);
  const next = nextState(secret.state, parts.wanted, { now, shared, trusted: waitMs <= 0, known });
  if (next !== undefined) {
    await writeTlsSecret(parts.client, parts.place, { ...secret, state: next }, signal);
    parts.wrote(`Secret ${parts.place.secret}`);
    return undefined;
  }
  const spreading = secret.state.next !== undefined;
  const lookAt = spreading ? now + waitMs : nextLook(secret.state);
  return { lookAt, missing: configurations.missing, spreading };
}

/** Has the webhooks trust what the Secret says, and answers how many milliseconds are left until all API servers do. */
async function spread(
  { client, adopt, wrote, spreadMs }: Reconciling,
  memory: TrustMemory,
  configurations: WebhookConfigurations,
  { state }: ReadSecret,
  signal: AbortSignal,
): Promise<number> {
  const { authorities } = state;
  if (authorities.length === 0) return Number.POSITIVE_INFINITY;
  try {
    const written = await trustAuthorities(client, configurations, authorities, signal);
    written.forEach(wrote);
    const bundle = authorities.map(({ x509 }) => x509.fingerprint256).join();
    if (written.length > 0 || memory.bundle !== bundle) {
      memory.bundle = bundle;
      memory.since = performance.now();
    }
  } catch (error) {
    memory.bundle = '';
    // Who has nothing to serve yet serves what the others serve; that they do was decided when it could be seen.
    if (!(error instanceof CountersignError) || error.code !== 'KUBERNETES_CONFLICT') adopt(state);
    throw error;
  }
  // A first authority replaces nothing, and nobody calls where there are no webhooks.
  if (authorities.length === 1 || configurations.found.length === 0) return 0;
  return memory.since + spreadMs - performance.now();
}

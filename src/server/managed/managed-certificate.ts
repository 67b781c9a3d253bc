// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';
import { namesOf } from '../../certificate/rotation.ts';
import type { Certificate, TlsState } from '../../certificate/tls-state.ts';
import { asCountersignError } from '../../errors.ts';
import {
  type BackoffTiming,
  createBackoff,
  type KubernetesClient,
  onlyNamed,
} from '../../kubernetes/index.ts';
import { type CertificateSource, type CertificateSurroundings, sayLoaded } from '../certificate-source.ts';
import { makeCertificate, type ServerCertificate } from '../tls-certificate.ts';
import { createManagedNotices } from './managed-notices.ts';
import { type Reconciling, reconcile, type TrustMemory } from './reconcile.ts';
import { createSharedClock } from './shared-clock.ts';
import { type SecretPlace, secretsPath } from './tls-secret.ts';
import { WEBHOOK_COLLECTIONS } from './webhook-trust.ts';

/** A certificate that the server makes for itself, and keeps in a Secret that all its replicas share. */
export type ManagedTls = SecretPlace & {
  readonly client: KubernetesClient;
  /** The Service by which API servers reach us. */
  readonly service: string;
  /** The name of the mutating and of the validating webhook configuration. */
  readonly webhooks: string;
  /** Of a leaf, in milliseconds. */
  readonly lifetimeMs: number;
  /** What tests make shorter. */
  readonly timing?: ManagedTiming;
};

/** In milliseconds. */
type ManagedTiming = {
  readonly spreadMs?: number;
  readonly pollMs?: number;
  readonly pauseMs?: number;
  readonly backoff?: BackoffTiming;
};

const AUTHORITY = 'Countersign webhook authority';
/** API servers hear of a changed configuration by a watch, within a second; one that is busy within a few. */
const SPREAD_MS = 10_000;
/** Everything that matters comes by a watch; this is for what one missed. */
const POLL_MS = 300_000;
/** Between two passes at least: somebody else may write the same objects all the time. */
const PAUSE_MS = 200;

/**
 * Makes, renews and serves the certificate, and has the webhook configurations trust it. Answers at once; the
 * first certificate comes when API server and Secret could be read. What goes wrong leaves the one in use, is
 * logged and counted, and tried again with growing pauses.
 */
export function manageCertificate(tls: ManagedTls, surroundings: CertificateSurroundings): CertificateSource {
  const { log, metrics, clock, use } = surroundings;
  const ending = new AbortController();
  const { signal } = ending;
  const alarm = createAlarm(signal);
  const backoff = createBackoff(tls.timing?.backoff);
  const memory: TrustMemory = { bundle: '', since: 0 };
  const hosts = hostsOf(tls);
  const notices = createManagedNotices(log, hosts);
  const time = createSharedClock(clock, tls.client, notices.wrongClock);
  let certificate: ServerCertificate | undefined;
  let missing = '';

  /** Serves the leaf of the Secret, if there is one that is another than the one in use, is for us, and is valid now. */
  function adopt({ leaf }: TlsState): void {
    if (leaf === undefined || leaf.x509.fingerprint256 === certificate?.fingerprint) return;
    if (!canBeServed(leaf)) return;
    const place = `Secret ${tls.secret}`;
    certificate = makeCertificate({ cert: leaf.pem, key: leaf.key, places: { cert: place, key: place } });
    use(certificate);
    sayLoaded(certificate, surroundings);
  }

  function canBeServed(leaf: Certificate): boolean {
    const { now } = time();
    if (now >= leaf.notAfter) return false;
    const names = namesOf(leaf);
    if (now < leaf.notBefore) notices.notYet(leaf);
    else if (hosts.every((host) => names.includes(host))) return true;
    else notices.otherNames(names);
    return false;
  }

  const parts: Reconciling = {
    client: tls.client,
    place: tls,
    webhooks: tls.webhooks,
    wanted: { name: AUTHORITY, hosts, lifetimeMs: tls.lifetimeMs },
    time,
    // Tests have lives of seconds.
    spreadMs: tls.timing?.spreadMs ?? Math.min(SPREAD_MS, tls.lifetimeMs / 10),
    adopt,
    wrote: (what) => log.info({ object: what }, 'certificate authority or leaf written'),
  };

  /** One pass; answers how long to wait for the next one. */
  async function pass(): Promise<number> {
    const done = await reconcile(parts, memory, signal);
    backoff.reset();
    if (done.missing.join() !== missing) {
      missing = done.missing.join();
      if (missing !== '') log.warn({ name: tls.webhooks, missing }, 'waiting for webhook configurations');
    }
    const pollMs = tls.timing?.pollMs ?? POLL_MS;
    const late = done.spreading ? 0 : byChance(tls.lifetimeMs);
    return Math.min(pollMs, Math.max(0, done.lookAt + late - time().now));
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await alarm.after(await pass());
        await wait(tls.timing?.pauseMs ?? PAUSE_MS, undefined, { signal, ref: false });
      } catch (error) {
        if (signal.aborted) return;
        const { code, message } = asCountersignError(error);
        metrics.certificateFailed();
        metrics.kubernetesFailed(code);
        log.error(
          { code, problem: message },
          'the certificate could not be looked after, the one in use stays',
        );
        await backoff.pause(signal);
      }
    }
  }

  const handler = { listed: alarm.ring, changed: alarm.ring, removed: alarm.ring };
  const watchOptions = {
    initial: 'events',
    ...(tls.timing?.backoff && { backoff: tls.timing.backoff }),
  } as const;
  const watched = [
    onlyNamed(secretsPath(tls), tls.secret),
    ...WEBHOOK_COLLECTIONS.map((collection) => onlyNamed(collection, tls.webhooks)),
  ];
  for (const path of watched) tls.client.watch(path, handler, signal, watchOptions);
  run();
  return { current: () => certificate, close: () => ending.abort() };
}

function hostsOf({ service, namespace }: ManagedTls): readonly string[] {
  const inNamespace = `${service}.${namespace}`;
  return [service, inNamespace, `${inNamespace}.svc`, `${inNamespace}.svc.cluster.local`];
}

/** So that not all replicas renew at the same moment: up to a fiftieth of a life. */
function byChance(lifetimeMs: number): number {
  return Math.random() * Math.min(30_000, lifetimeMs / 50);
}

/** Waits that something can cut short. A ring that nobody waits for cuts the next wait. */
function createAlarm(signal: AbortSignal) {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    async after(milliseconds: number): Promise<void> {
      const either = AbortSignal.any([rung.signal, signal]);
      await wait(milliseconds, undefined, { signal: either, ref: false }).catch(() => {});
      rung = new AbortController();
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { LIMITS } from '../limits.ts';
import { checkNeededRoots, usedRoots } from '../trust/index.ts';
import { createUnprovenNotice, isProven, secureContextOf, watchClientCa } from './callers.ts';
import {
  type CertificateSource,
  type CertificateSurroundings,
  watchCertificate,
} from './certificate-source.ts';
import { depsFor, type World } from './deps-of-policies.ts';
import { finish } from './finish.ts';
import { listen, parseListenAddress } from './listen.ts';
import type { Log } from './log.ts';
import { type ManagedTls, manageCertificate } from './managed/managed-certificate.ts';
import type { Metrics } from './metrics.ts';
import { type PolicySource, watchPolicies } from './policy-source.ts';
import { createProbeServer } from './probes.ts';
import { createBodyReader, UNPROVEN_BOUNDS } from './read-body.ts';
import { createDoors, type Engine } from './review-doors.ts';
import { createReviewHandler, type ReviewHandler } from './review-handler.ts';
import { createReviewServer } from './review-server.ts';
import type { CertificateFiles } from './tls-certificate.ts';
import type { TrustOptions } from './trust-repositories.ts';
import { type TrustSource, watchTrust } from './trust-source.ts';
import type { WatchTiming } from './watch-files.ts';

/** What a server is made of. */
export type ServerOptions = {
  /** HOST:PORT of the webhooks, HTTPS. */
  readonly listen: string;
  /** HOST:PORT of `/healthz`, `/readyz` and `/metrics`, plain HTTP. */
  readonly probeListen: string;
  /** A certificate in files, or one that the server makes and keeps by itself. */
  readonly tls: CertificateFiles | ManagedTls;
  /** PEM file of the authorities by which callers are known; without it every caller is taken for the API server. */
  readonly clientCaFile?: string;
  /** Policy files and folders. */
  readonly policies: readonly string[];
  /** Where trust roots come from; absent: there is none, and policies name none. */
  readonly trust?: TrustOptions;
  readonly engine: Engine;
  readonly world: World;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly timing?: ServerTiming;
};

/** In milliseconds; what is left out is as {@link LIMITS} says. */
type ServerTiming = {
  /** How long a stopping server still takes new connections, until the endpoints of its Service have forgotten it. Default 0. */
  readonly drainMs?: number;
  /** How long answers under way may take after that. */
  readonly finishMs?: number;
  readonly requestHeadersMs?: number;
  readonly requestMs?: number;
  readonly watch?: WatchTiming;
};

/** A server that answers. */
export type RunningServer = {
  /** HOST:PORT, with the port that was bound. */
  readonly address: string;
  readonly probeAddress: string;
  /** Not ready from now on; answers what is under way, then ends. Asking again gives the same promise. */
  close(): Promise<void>;
};

/**
 * Starts the admission server: `POST /validate` and `POST /mutate` over TLS 1.2 or later, and the probe listener.
 * It installs no signal handlers, and closes neither log nor metrics.
 *
 * @throws CountersignError LISTEN_FAILED, POLICY_INVALID, FILE_UNREADABLE, USAGE; nothing is left running then
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const address = parseListenAddress(options.listen);
  const probeAddress = parseListenAddress(options.probeListen);
  const opened: Closable[] = [];
  try {
    const parts = assemble(options, opened);
    const bound = {
      address: await listen(parts.server, address),
      probeAddress: await listen(parts.probes, probeAddress),
    };
    options.log.info(bound, 'listening');
    let stopped: Promise<void> | undefined;
    const close = () => {
      stopped ??= stop(parts, options);
      return stopped;
    };
    return { ...bound, close };
  } catch (error) {
    for (const one of opened) one.close();
    throw error;
  }
}

type Closable = { close(): unknown };
type State = { draining: boolean };
type PolicyList = ReturnType<PolicySource['current']>;
type Parts = {
  readonly server: Server;
  readonly probes: HttpServer;
  readonly watches: readonly Closable[];
  readonly state: State;
};

/** Makes everything, listening nowhere yet. What has to be closed again is in `opened` as soon as it is open. */
function assemble(options: ServerOptions, opened: Closable[]): Parts {
  const { log, metrics, world, timing = {} } = options;
  const state: State = { draining: false };
  const watching = { log, metrics, clock: world.clock, timing: timing.watch };
  const namespaceLabelsKnown = world.namespaceLabels !== undefined;
  const trusting = options.trust ?? { config: { trustRoots: new Map() } };
  let trustInForce: TrustSource | undefined;
  // What new policies use is there before they are in force.
  const check = (found: PolicyList) => {
    checkNeededRoots(found, trusting.config);
    trustInForce?.use(usedRoots(found));
  };
  const policies = watchPolicies(options.policies, { ...watching, namespaceLabelsKnown, check });
  opened.push(policies);
  const trust = watchTrust(trusting, usedRoots(policies.current()), watching);
  trustInForce = trust;
  opened.push(trust);
  const use = () => server.setSecureContext(secureContextOf(certificate.current(), clientCa?.current()));
  const certificate = sourceOf(options.tls, { ...watching, use });
  opened.push(certificate);
  const { clientCaFile } = options;
  const clientCa = clientCaFile === undefined ? undefined : watchClientCa(clientCaFile, { ...watching, use });
  if (clientCa !== undefined) opened.push(clientCa);
  const handlers = createHandlers(options, policies, trust, state);
  const server = createReviewServer({
    certificate: certificate.current(),
    clientCa: clientCa?.current(),
    handlers,
    log,
    ...timing,
  });
  const health = {
    policies,
    trust,
    certificateExpiresAt: () => certificate.current()?.expiresAt,
    isListening: () => server.listening,
    isDraining: () => state.draining,
    clock: world.clock,
  };
  const probes = createProbeServer(health, metrics);
  opened.push(server, probes);
  const watches = [policies, trust, certificate, ...(clientCa === undefined ? [] : [clientCa])];
  return { server, probes, watches, state };
}

function sourceOf(tls: ServerOptions['tls'], surroundings: CertificateSurroundings): CertificateSource {
  return 'client' in tls ? manageCertificate(tls, surroundings) : watchCertificate(tls, surroundings);
}

function createHandlers(
  { engine, world, metrics, log, clientCaFile }: ServerOptions,
  policies: PolicySource,
  trust: TrustSource,
  state: State,
): Readonly<Record<string, ReviewHandler>> {
  const doors = createDoors({ engine, log, metrics });
  const surroundings = {
    deps: depsFor(policies, trust, world, metrics),
    readBody: createBodyReader(),
    readUnproven: createBodyReader(UNPROVEN_BOUNDS),
    isDraining: () => state.draining,
    isProven: clientCaFile === undefined ? undefined : isProven,
    onUnproven: createUnprovenNotice(log),
    log,
    metrics,
  };
  return {
    '/validate': createReviewHandler('validate', doors.validate, surroundings),
    '/mutate': createReviewHandler('mutate', doors.mutate, surroundings),
  };
}

async function stop({ server, probes, watches, state }: Parts, options: ServerOptions): Promise<void> {
  const { log, timing = {} } = options;
  state.draining = true;
  log.info({}, 'draining');
  if (timing.drainMs !== undefined) await wait(timing.drainMs);
  await finish(server, timing.finishMs ?? LIMITS.finishMs);
  for (const watch of watches) watch.close();
  await finish(probes, 0);
  log.info({}, 'stopped');
}

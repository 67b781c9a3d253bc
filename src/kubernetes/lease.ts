// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';
import { asCountersignError, type CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { apiPath } from './api-path.ts';
import type { KubernetesClient } from './client.ts';
import type { KubernetesObject } from './object.ts';

/** A Lease (coordination.k8s.io/v1) that at most one of many replicas holds. */
export type LeaseOptions = {
  readonly namespace: string;
  readonly name: string;
  /** Who we are: another one for each process. */
  readonly identity: string;
  /** Told of what goes wrong; it is tried again. */
  readonly failed: (error: CountersignError) => void;
  readonly timing?: LeaseTiming;
};

/** Whole seconds that the Lease holds without being renewed, and milliseconds between two attempts. */
type LeaseTiming = { readonly leaseSeconds: number; readonly retryMs: number };

const TIMING: LeaseTiming = { leaseSeconds: 15, retryMs: 3_000 };

/** Of a Lease that somebody else wrote; a longer one would keep everybody out for as long. */
const LONGEST_SECONDS = 3_600;

/** A version of the Lease, and when we saw it first: clocks of others say nothing, so the times in it are not read. */
type Seen = { version: string | undefined; at: number };

/**
 * Runs `lead` whenever we hold the Lease, until `signal` aborts; then gives the Lease back and resolves. The
 * signal that `lead` gets aborts two thirds of the Lease's time after its last renewal: before anybody else may
 * begin. Never rejects, as `lead` must not either.
 */
export async function leadByLease(
  client: KubernetesClient,
  options: LeaseOptions,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { leaseSeconds, retryMs } = options.timing ?? TIMING;
  const seen: Seen = { version: undefined, at: 0 };
  let term: AbortController | undefined;
  let work: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function endTerm(): void {
    clearTimeout(timer);
    term?.abort();
    term = undefined;
  }

  /** `askedAt`: the Lease runs from when it was asked for, not from when the answer came. */
  async function beginOrProlong(askedAt: number): Promise<void> {
    // What was begun in the last term may still be ending.
    if (term === undefined) await work;
    const left = askedAt + (leaseSeconds * 2_000) / 3 - performance.now();
    if (left <= 0) return endTerm();
    clearTimeout(timer);
    timer = setTimeout(endTerm, left).unref();
    if (term !== undefined) return;
    term = new AbortController();
    work = lead(AbortSignal.any([term.signal, signal]));
  }

  async function attempt(): Promise<void> {
    const askedAt = performance.now();
    // An attempt that takes longer comes too late.
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.floor((leaseSeconds * 1_000) / 3))]);
    try {
      if (await acquire(client, options, leaseSeconds, seen, limit)) await beginOrProlong(askedAt);
      else endTerm();
    } catch (error) {
      if (signal.aborted) return;
      const failure = asCountersignError(error);
      // Somebody else was quicker; the next attempt sees who.
      if (failure.code !== 'KUBERNETES_CONFLICT') options.failed(failure);
    }
  }

  while (!signal.aborted) {
    await attempt();
    await wait(retryMs * (0.8 + Math.random() * 0.4), undefined, { signal, ref: false }).catch(() => {});
  }
  const held = term !== undefined;
  endTerm();
  await work;
  if (held) await giveBack(client, options).catch(() => {});
}

function pathOf({ namespace, name }: LeaseOptions): { readonly all: string; readonly own: string } {
  const all = apiPath('apis', 'coordination.k8s.io', 'v1', 'namespaces', namespace, 'leases');
  return { all, own: all + apiPath(name) };
}

/** Makes, takes or renews the Lease, and answers whether we hold it now. */
async function acquire(
  client: KubernetesClient,
  options: LeaseOptions,
  leaseSeconds: number,
  seen: Seen,
  signal: AbortSignal,
): Promise<boolean> {
  const { namespace, name, identity } = options;
  const path = pathOf(options);
  const lease = await client.get(path.own, signal);
  const now = new Date().toISOString().replace('Z', '000Z');
  const mine = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, renewTime: now };
  if (lease === undefined) {
    const metadata = { name, namespace };
    const spec = { ...mine, acquireTime: now, leaseTransitions: 0 };
    const made = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    await client.create(path.all, made, signal);
    return true;
  }
  const spec = specOf(lease);
  const isOurs = spec['holderIdentity'] === identity;
  if (!isOurs && !isFree(lease, seen)) return false;
  const { leaseTransitions } = spec;
  const taken = isOurs
    ? {}
    : {
        acquireTime: now,
        leaseTransitions: typeof leaseTransitions === 'number' ? leaseTransitions + 1 : 1,
      };
  // Whoever changed it since it was read makes this a conflict.
  await client.update(path.own, { ...lease, spec: { ...spec, ...mine, ...taken } }, signal);
  return true;
}

/** Whether nobody holds the Lease, or its holder has not renewed it for as long as it holds, by our own clock. */
function isFree(lease: KubernetesObject, seen: Seen): boolean {
  const { holderIdentity, leaseDurationSeconds } = specOf(lease);
  if (typeof holderIdentity !== 'string' || holderIdentity === '') return true;
  const version = lease.metadata.resourceVersion;
  if (seen.version !== version) {
    seen.version = version;
    seen.at = performance.now();
  }
  const seconds = typeof leaseDurationSeconds === 'number' ? leaseDurationSeconds : 0;
  return performance.now() - seen.at > Math.min(Math.max(seconds, 1), LONGEST_SECONDS) * 1_000;
}

/** So that the next one need not wait for it to end; if this fails, he waits. */
async function giveBack(client: KubernetesClient, options: LeaseOptions): Promise<void> {
  const signal = AbortSignal.timeout(1_000);
  const { own } = pathOf(options);
  const lease = await client.get(own, signal);
  if (lease === undefined || specOf(lease)['holderIdentity'] !== options.identity) return;
  await client.update(own, { ...lease, spec: { ...specOf(lease), holderIdentity: '' } }, signal);
}

function specOf({ spec }: KubernetesObject): JsonObject {
  return isJsonObject(spec) ? spec : {};
}

// SPDX-License-Identifier: Apache-2.0
import { createSecureContext } from 'node:tls';
import { Pool } from 'undici';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { KubernetesAccess } from './access.ts';
import { Replaced } from './failure.ts';

/** The kept connections of one access. */
export type Pools = {
  /**
   * For the next request: to be asked for each time. `fresh` after a connection failed: the authority may be another.
   * @throws CountersignError KUBECONFIG_INVALID where certificates cannot be used
   */
  current(fresh: boolean): Pool;
  close(): Promise<void>;
};

/**
 * Makes connections that trust the authorities of the access. When these are others than before, connections of
 * before take nothing new: what is under way on them may end within `graceMs`, and then they are closed.
 */
export function createPools(access: KubernetesAccess, graceMs: number = LIMITS.idleMs): Pools {
  let ca = access.ca?.(false);
  let pool = createPool(access, ca);
  const replaced = new Map<Pool, NodeJS.Timeout>();

  function replace(latest: string | undefined): void {
    const next = createPool(access, latest);
    const old = pool;
    [pool, ca] = [next, latest];
    // A watch would keep its connection for minutes, and as long as the other side likes.
    const end = setTimeout(() => old.destroy(new Replaced()), graceMs).unref();
    replaced.set(old, end);
    const forget = () => {
      clearTimeout(end);
      replaced.delete(old);
    };
    old.close().then(forget, forget);
  }

  return {
    current(fresh) {
      const latest = access.ca?.(fresh);
      if (latest !== ca) replace(latest);
      return pool;
    },
    async close() {
      await Promise.all([pool, ...replaced.keys()].map((one) => one.destroy()));
    },
  };
}

function createPool(
  { server, serverName, clientCertificate }: KubernetesAccess,
  ca: string | undefined,
): Pool {
  return new Pool(server.origin, {
    connect: {
      timeout: LIMITS.connectMs,
      secureContext: secureContextOf(ca, clientCertificate),
      ...(serverName === undefined ? {} : { servername: serverName }),
    },
    connections: LIMITS.connectionsPerOrigin,
    allowH2: false,
    pipelining: 1,
    maxHeaderSize: LIMITS.headerBytes,
    keepAliveTimeout: LIMITS.registryKeepAliveMs,
  });
}

function secureContextOf(ca: string | undefined, client: KubernetesAccess['clientCertificate']) {
  try {
    return createSecureContext({ minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }), ...client });
  } catch (cause) {
    const problem = 'the CA, or the client certificate and its key, cannot be used';
    throw new CountersignError('KUBECONFIG_INVALID', problem, { cause });
  }
}

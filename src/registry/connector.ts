// SPDX-License-Identifier: Apache-2.0
import { isIP, type LookupFunction } from 'node:net';
// Not by name: Node 20 has no getCACertificates, and would stop here before the command can say what it needs.
import * as tls from 'node:tls';
import { LRUCache } from 'lru-cache';
import { buildConnector } from 'undici';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import type { ProxyFor, ProxyServer } from './proxies.ts';
import { type Endpoint, portOf, type Reach, withoutBrackets } from './reach.ts';
import { openTunnel } from './tunnel.ts';

/** How names are looked up, and how long a connection may take. */
type ConnectorOptions = { readonly lookup: LookupFunction; readonly connectMs: number };

const MIN_TLS = 'TLSv1.2';

/**
 * The only way out. Connects only to addresses that the reach permits, and the addresses that were checked are the ones
 * connected to: the name is resolved once, by the lookup below, and the socket is given its result.
 *
 * Through a proxy, which resolves names itself, only an address in the place of a name can be checked. TLS is spoken with
 * the registry itself there too, by what the Config says of it. Where the proxy is, its operator knows: its address may be any.
 */
export function createGuardedConnector(
  reach: Reach,
  proxyFor: ProxyFor,
  { connectMs, lookup }: ConnectorOptions,
): buildConnector.connector {
  const connectors = new LRUCache<string, buildConnector.connector>(
    lruBounds({ entries: LIMITS.connectionsInAll }),
  );
  const usualRoots = tls.createSecureContext({ minVersion: MIN_TLS });
  return (target, callback) => {
    const endpoint = { hostname: withoutBrackets(target.hostname), port: portOf(target) };
    if (isIP(endpoint.hostname) !== 0 && !reach.permits(endpoint, endpoint.hostname)) {
      // Sockets look up names only: an address in the place of a name is checked here.
      callback(forbidden(endpoint, endpoint.hostname), null);
      return;
    }
    const connect = connectorTo('to', endpoint, guardedLookup(reach, endpoint.port, lookup));
    const proxy = proxyFor(target.protocol, endpoint);
    if (proxy === undefined) connect(target, callback);
    else connectThrough(proxy, endpoint, target, connect, callback);
  };

  function connectThrough(
    proxy: ProxyServer,
    endpoint: Endpoint,
    target: buildConnector.Options,
    connect: buildConnector.connector,
    callback: buildConnector.Callback,
  ): void {
    openTunnel(proxy, endpoint, connectorTo('proxy', proxy, lookup), connectMs).then(
      (httpSocket) => {
        if (target.protocol === 'http:') callback(null, httpSocket);
        else connect({ ...target, httpSocket }, callback);
      },
      (error: Error) => callback(error, null),
    );
  }

  function connectorTo(
    role: 'to' | 'proxy',
    endpoint: Endpoint,
    lookupOf: LookupFunction,
  ): buildConnector.connector {
    const own = secureContextOf(endpoint, reach);
    const key = `${role} ${own === undefined ? '' : endpoint.hostname} ${endpoint.port}`;
    const connector =
      connectors.get(key) ??
      buildConnector({
        timeout: connectMs,
        allowH2: false,
        lookup: lookupOf,
        secureContext: own?.() ?? usualRoots,
      });
    connectors.set(key, connector);
    return connector;
  }
}

/** How to make the context of an endpoint that the Config says something of; `undefined` for all others. */
function secureContextOf(endpoint: Endpoint, reach: Reach): (() => tls.SecureContext) | undefined {
  const ca = reach.extraCa(endpoint);
  const client = reach.clientCertificate(endpoint);
  if (ca.length === 0 && client === undefined) return undefined;
  return () =>
    tls.createSecureContext({
      minVersion: MIN_TLS,
      ca: [...tls.getCACertificates('default'), ...ca],
      ...(client && { cert: client.certificate, key: client.privateKey }),
    });
}

/** A lookup that fails where the name has a single address that is not permitted. */
function guardedLookup(reach: Reach, port: number, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const wrong = addresses.find(({ address }) => !reach.permits({ hostname, port }, address));
      if (wrong !== undefined) return callback(forbidden({ hostname, port }, wrong.address), []);
      const [first] = addresses;
      if (options.all || first === undefined) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function forbidden({ hostname, port }: Endpoint, address: string): CountersignError {
  const what = hostname === address ? hostname : `${hostname} (${address})`;
  return new CountersignError('ADDRESS_FORBIDDEN', `the address ${what} port ${port} is not asked`);
}

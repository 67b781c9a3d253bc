// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { ClientCertificate, Config } from '../config/config.ts';
import { CountersignError } from '../errors.ts';
import { isForbiddenAddress, isLoopbackAddress } from './address.ts';

/** An end of a connection: a host name or bare address, a port. */
export type Endpoint = { readonly hostname: string; readonly port: number };

/** Which hosts may be reached, how, and which may be trusted with a credential: what the Config says, and the built-in rules. */
export type Reach = {
  /** Where the API of a registry is; `https` unless plain HTTP is allowed there. */
  apiUrl(registry: string): URL;
  /**
   * Checks a URL that is about to be asked on behalf of a registry: the registry's own, a redirect, a realm.
   * @throws ADDRESS_FORBIDDEN, PLAIN_HTTP_FORBIDDEN, REDIRECT_FORBIDDEN
   */
  checkUrl(url: URL, registry: string): void;
  /** Whether a connection to the endpoint may go to this IP address. */
  permits(endpoint: Endpoint, address: string): boolean;
  /** Whether a token server at this URL may be sent the credential for the registry. */
  mayHoldCredential(realm: URL, registry: string): boolean;
  /** PEM certificates trusted for the endpoint beside the usual roots. */
  extraCa(endpoint: Endpoint): readonly string[];
  /** What is shown to the endpoint where it asks for a certificate. */
  clientCertificate(endpoint: Endpoint): ClientCertificate | undefined;
};

/** Docker Hub's API is not served where its name points. */
const API_HOSTS: ReadonlyMap<string, string> = new Map([['docker.io', 'registry-1.docker.io']]);

/** Where the API of a registry is served: host, with port if it has one. */
export function apiHost(registry: string): string {
  return API_HOSTS.get(registry) ?? registry;
}

/** Registries whose token server is known to be another host. */
const TOKEN_SERVERS: ReadonlyMap<string, string> = new Map([
  ['docker.io', 'auth.docker.io'],
  ['registry.gitlab.com', 'gitlab.com'],
]);

/**
 * The reach of an installation. With `allowLoopback` (the command line) a registry that is literally on
 * loopback may be asked, by plain HTTP unless the Config has an entry for it; nothing else may lead there.
 */
export function createReach(config: Config, allowLoopback: boolean): Reach {
  const mayLoop = (hostname: string) => allowLoopback && isLiteralLoopback(hostname);
  const apiUrl = (registry: string) => {
    const entry = config.registries.get(registry);
    const plain = entry ? entry.unsafePlainHttp === true : mayLoop(hostnameOf(registry));
    return urlOf(plain ? 'http:' : 'https:', apiHost(registry));
  };
  const { named, plain, ca, clientCertificates } = readConfig(config, apiUrl);
  const loopsFor = (url: URL, registry: string) =>
    mayLoop(hostnameOf(registry)) && url.hostname === apiUrl(registry).hostname;

  return {
    apiUrl,
    checkUrl(url, registry) {
      checkForm(url);
      const key = keyOf(endpointOf(url));
      if (url.protocol === 'http:' && !plain.has(key) && !loopsFor(url, registry)) {
        throw new CountersignError(
          'PLAIN_HTTP_FORBIDDEN',
          `${registry}: leads to http://${url.host} without TLS`,
        );
      }
      if (leadsNowhereGood(url) && !named.has(key) && !loopsFor(url, registry)) {
        throw new CountersignError('ADDRESS_FORBIDDEN', `${registry}: leads to the address ${url.host}`);
      }
    },
    permits(endpoint, address) {
      if (!isForbiddenAddress(address) || named.has(keyOf(endpoint))) return true;
      return mayLoop(endpoint.hostname) && isLoopbackAddress(address);
    },
    mayHoldCredential(realm, registry) {
      if (realm.hostname === apiUrl(registry).hostname) return true;
      const tokenServer = config.registries.get(registry)?.tokenServer;
      if (tokenServer !== undefined && urlOf(realm.protocol, tokenServer).host === realm.host) return true;
      return realm.protocol === 'https:' && realm.host === TOKEN_SERVERS.get(registry);
    },
    extraCa: (endpoint) => ca.get(keyOf(endpoint)) ?? [],
    clientCertificate: (endpoint) => clientCertificates.get(keyOf(endpoint)),
  };
}

/** The endpoint of an http or https URL. */
function endpointOf(url: URL): Endpoint {
  return { hostname: withoutBrackets(url.hostname), port: portOf(url) };
}

/** The port of a URL; where it names none, that of its protocol. */
export function portOf({ protocol, port }: Pick<URL, 'protocol' | 'port'>): number {
  if (port !== '') return Number(port);
  return protocol === 'http:' ? 80 : 443;
}

/** A host name as `net.connect` takes it: an IPv6 address without brackets. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

type Named = {
  readonly named: ReadonlySet<string>;
  readonly plain: ReadonlySet<string>;
  readonly ca: ReadonlyMap<string, readonly string[]>;
  readonly clientCertificates: ReadonlyMap<string, ClientCertificate>;
};

function readConfig(config: Config, apiUrl: (registry: string) => URL): Named {
  const named = new Set<string>();
  const plain = new Set<string>();
  const ca = new Map<string, string[]>();
  const clientCertificates = new Map<string, ClientCertificate>();
  for (const [registry, entry] of config.registries) {
    const api = keyOf(endpointOf(apiUrl(registry)));
    const own = [api];
    if (entry.unsafePlainHttp) plain.add(api);
    // Not for the token server: who we are is told to the host that the Config says it to.
    if (entry.clientCertificate !== undefined) clientCertificates.set(api, entry.clientCertificate);
    if (entry.tokenServer !== undefined) own.push(keyOf(endpointOf(urlOf('https:', entry.tokenServer))));
    for (const key of own) {
      named.add(key);
      if (entry.ca !== undefined) ca.set(key, [...(ca.get(key) ?? []), entry.ca]);
    }
  }
  return { named, plain, ca, clientCertificates };
}

// Attacker input: the URL may come from a Location or WWW-Authenticate header.
function checkForm(url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new CountersignError('REDIRECT_FORBIDDEN', `leads to a ${url.protocol} URL, wanted https`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new CountersignError('REDIRECT_FORBIDDEN', `leads to ${url.host} with a user name in the URL`);
  }
}

/**
 * Checked per request and not only per connection, since a connection that was opened for a registry that may
 * be on loopback is kept and would serve a redirect from elsewhere as well.
 */
function leadsNowhereGood(url: URL): boolean {
  const hostname = withoutBrackets(url.hostname);
  return hostname === 'localhost' || (isIP(hostname) !== 0 && isForbiddenAddress(hostname));
}

function isLiteralLoopback(hostname: string): boolean {
  const bare = withoutBrackets(hostname);
  return bare === 'localhost' || bare === '::1' || /^127\.\d+\.\d+\.\d+$/.test(bare);
}

function hostnameOf(registry: string): string {
  return registry.replace(/:\d+$/, '');
}

function urlOf(protocol: string, host: string): URL {
  try {
    return new URL(`${protocol}//${host}/`);
  } catch (cause) {
    throw new CountersignError('REFERENCE_INVALID', 'the registry is not a host name', { cause });
  }
}

function keyOf({ hostname, port }: Endpoint): string {
  return `${hostname} ${port}`;
}

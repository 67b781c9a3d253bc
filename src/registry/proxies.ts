// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { basicAuthorization } from './basic-authorization.ts';
import { parseNoProxy } from './no-proxy.ts';
import { type Endpoint, portOf, withoutBrackets } from './reach.ts';

/** Proxies, as the environment variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name them. Empty is as good as absent. */
export type ProxySettings = {
  readonly httpsProxy?: string | undefined;
  readonly httpProxy?: string | undefined;
  readonly noProxy?: string | undefined;
};

/** A proxy that is asked to connect. */
export type ProxyServer = Endpoint & {
  readonly protocol: 'http:' | 'https:';
  /** Host and port, for messages: never with the user name. */
  readonly host: string;
  /** For the proxy alone. */
  readonly authorization: string | undefined;
};

/** The proxy that a connection goes through; `undefined` for none. */
export type ProxyFor = (protocol: string, endpoint: Endpoint) => ProxyServer | undefined;

/**
 * Which connections go through which proxy: those for https through `httpsProxy`, those for plain HTTP through
 * `httpProxy`, none to loopback, nor to what `noProxy` names.
 *
 * @throws PROXY_INVALID
 */
export function createProxies({ httpsProxy = '', httpProxy = '', noProxy = '' }: ProxySettings): ProxyFor {
  const byProtocol = new Map([
    ['https:', parseProxy(httpsProxy, 'HTTPS_PROXY')],
    ['http:', parseProxy(httpProxy, 'HTTP_PROXY')],
  ]);
  const isExempt = parseNoProxy(noProxy);
  return (protocol, endpoint) => {
    const proxy = byProtocol.get(protocol);
    return proxy === undefined || isExempt(endpoint) ? undefined : proxy;
  };
}

// The text may hold a password, so messages name the variable only.
function parseProxy(text: string, name: string): ProxyServer | undefined {
  if (text.trim() === '') return undefined;
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  const isPlain = url !== null && url.pathname.length <= 1 && url.search === '' && url.hash === '';
  if (!isPlain || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw invalid(name);
  const port = portOf(url);
  return {
    protocol: url.protocol,
    hostname: withoutBrackets(url.hostname),
    port,
    host: `${url.hostname}:${port}`,
    authorization: authorizationOf(url, name),
  };
}

function authorizationOf({ username, password }: URL, name: string): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    return basicAuthorization(decodeURIComponent(username), decodeURIComponent(password));
  } catch {
    throw invalid(name);
  }
}

function invalid(name: string): CountersignError {
  return new CountersignError(
    'PROXY_INVALID',
    `${name} is not the URL of a proxy (allowed: http://HOST:PORT, https://HOST:PORT)`,
  );
}

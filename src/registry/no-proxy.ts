// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIP } from 'node:net';
import { isLoopbackAddress } from './address.ts';
import { type Endpoint, withoutBrackets } from './reach.ts';

/** Whether an endpoint is connected to directly, whatever the proxies. */
export type Exemption = (endpoint: Endpoint) => boolean;

/**
 * What `NO_PROXY` exempts, read as Go and so most of what runs in a cluster reads it: entries between commas or spaces,
 *
 * - `*`: everything
 * - `corp.example`: this name and all below it; `.corp.example` and `*.corp.example`: those below it only
 * - an address, or a range such as `10.0.0.0/8`: for hosts that are written as an address; names are not looked up
 * - any but a range with a port after it: at that port only
 *
 * An entry that is none of these exempts nothing. Loopback is always exempt: it would be the proxy's own.
 */
export function parseNoProxy(text: string): Exemption {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(parseEntry);
  return ({ hostname, port }) => {
    const endpoint = { hostname: hostname.toLowerCase().replace(/\.$/, ''), port };
    return isLoopback(endpoint.hostname) || entries.some((matches) => matches(endpoint));
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || isLoopbackAddress(hostname);
}

function parseEntry(entry: string): Exemption {
  if (entry === '*') return () => true;
  if (entry.includes('/')) return parseRange(entry);
  const { host, port } = splitPort(entry);
  const matches = isIP(host) === 0 ? matchName(host) : matchAddresses(host);
  return (endpoint) => (port === undefined || port === endpoint.port) && matches(endpoint.hostname);
}

function parseRange(entry: string): Exemption {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) return () => false;
  const matches = matchAddresses(address, Number(bits));
  return ({ hostname }) => matches(hostname);
}

/** IPv6 addresses with a port stand in brackets, and may without one. */
function splitPort(entry: string): { readonly host: string; readonly port?: number } {
  const [, host, port] = /^(\[.*\]|[^:]*):(\d{1,5})$/.exec(entry) ?? [];
  if (host === undefined) return { host: withoutBrackets(entry) };
  return { host: withoutBrackets(host), port: Number(port) };
}

function matchName(pattern: string): (hostname: string) => boolean {
  const name = pattern.replace(/^\*(?=\.)/, '').replace(/\.$/, '');
  if (name === '') return () => false;
  if (name.startsWith('.')) return (hostname) => hostname.endsWith(name);
  return (hostname) => hostname === name || hostname.endsWith(`.${name}`);
}

function matchAddresses(address: string, bits?: number): (hostname: string) => boolean {
  const list = new BlockList();
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, bits, family);
  return (hostname) => {
    const found = isIP(hostname);
    return found !== 0 && list.check(hostname, found === 4 ? 'ipv4' : 'ipv6');
  };
}

// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import { CountersignError } from '../errors.ts';
import { quote } from './quote.ts';

/** The registry that a name without one belongs to. */
export const DEFAULT_REGISTRY = 'docker.io';

const LEGACY_DEFAULT_REGISTRY = 'index.docker.io';
const HOST_LENGTH = 255;

/** distribution/reference: `domain-component ['.' domain-component]*`. */
const DOMAIN_NAME =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/;
/** WHATWG URL, "ends in a number": such a host is read as an IPv4 address, in many spellings. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)$/;
const HTTPS_PORT = '443';

/**
 * Whether the first component of a name is a registry rather than a part of the repository, by the rule of
 * distribution/reference: it has a dot or a colon, is `localhost`, or has an upper-case letter.
 */
export function isRegistryComponent(component: string): boolean {
  return component === 'localhost' || /[.:A-Z]/.test(component);
}

/**
 * A registry in canonical form: host in lower case, port if it is not the default, IPv6 in brackets.
 *
 * Attacker input. Where a container runtime would ask another server than the canonical form says, the
 * registry is refused instead of guessed:
 * - a single label without a port (except `localhost`), which would read back as a part of a repository
 * - Docker Hub with a port or in another case: runtimes know it by the exact string `docker.io` only
 * - numeric hosts that are not a plain dotted quad (`127.1`, `0x7f.0.0.1`): URL parsers make addresses of them
 *
 * `:443` is dropped, since `https://host:443` is `https://host` and nobody should slip past a rule for the
 * one with the other; loopback hosts keep it, because plain HTTP is spoken to them.
 *
 * @throws REFERENCE_INVALID
 */
export function parseRegistry(text: string): string {
  if (text === LEGACY_DEFAULT_REGISTRY) return DEFAULT_REGISTRY;
  const { host, port } = splitPort(text);
  const canonical = parseHost(host, text);
  if (isDockerHub(canonical) && text !== DEFAULT_REGISTRY) {
    throw invalid(
      text,
      `container runtimes know Docker Hub only as ${DEFAULT_REGISTRY}, in lower case, without a port`,
    );
  }
  if (port === undefined) return requireRecognisable(canonical, text);
  checkPort(port, text);
  return port === HTTPS_PORT && isDefaultPortSilent(canonical) ? canonical : `${canonical}:${port}`;
}

function splitPort(text: string): { host: string; port?: string } {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']') + 1) : text.indexOf(':');
  if (colon === -1) return { host: text };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

function parseHost(host: string, text: string): string {
  if (host.length > HOST_LENGTH) throw invalid(text, `a host has at most ${HOST_LENGTH} characters`);
  if (host.startsWith('[')) return parseIPv6(host, text);
  if (!DOMAIN_NAME.test(host)) throw invalid(text, 'not a host name');
  if (ENDS_IN_NUMBER.test(host) && !isIPv4(host)) {
    throw invalid(text, 'a host that ends in a number must be an IPv4 address of four decimal numbers');
  }
  return host.toLowerCase();
}

/** The grammar has neither a zone nor a dotted quad inside the brackets. */
function parseIPv6(host: string, text: string): string {
  const address = host.slice(1, -1);
  if (!host.endsWith(']') || !/^[0-9a-fA-F:]+$/.test(address) || !isIPv6(address)) {
    throw invalid(text, 'not an IPv6 address in brackets');
  }
  return new URL(`http://[${address}]`).hostname;
}

function isDockerHub(host: string): boolean {
  return host === DEFAULT_REGISTRY || host === LEGACY_DEFAULT_REGISTRY;
}

function requireRecognisable(host: string, text: string): string {
  if (isRegistryComponent(host)) return host;
  throw invalid(text, 'a registry is localhost, or has a dot or a port, and a repository name is lower case');
}

function checkPort(port: string, text: string): void {
  if (/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535) return;
  throw invalid(text, 'a port is a number from 1 to 65535 without leading zeros');
}

function isDefaultPortSilent(host: string): boolean {
  const loopback = host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
  return !loopback && isRegistryComponent(host);
}

function invalid(text: string, why: string): CountersignError {
  return new CountersignError('REFERENCE_INVALID', `registry ${quote(text)}: ${why}`);
}

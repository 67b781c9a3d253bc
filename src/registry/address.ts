// SPDX-License-Identifier: Apache-2.0
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Addresses of this very machine. */
const LOOPBACK = blockList([['127.0.0.0', 8]], [['::1', 128]]);

/**
 * Addresses that no registry has and that answer to whoever asks from here: this machine, this link, and
 * the metadata services of the clouds, which hand out credentials.
 */
const FORBIDDEN = blockList(
  [
    ['0.0.0.0', 8], // "this host": connects to loopback
    ['127.0.0.0', 8],
    ['169.254.0.0', 16], // link-local, and the metadata address of most clouds
    ['100.100.100.200', 32], // Alibaba Cloud
    ['168.63.129.16', 32], // Azure
    ['192.0.0.192', 32], // Oracle Cloud
    ['224.0.0.0', 4], // multicast
    ['240.0.0.0', 4], // reserved, and broadcast
  ],
  [
    ['::', 128],
    ['::1', 128],
    ['fe80::', 10], // link-local
    ['ff00::', 8], // multicast
    ['fd00:ec2::', 32], // AWS: metadata, Pod identity
    ['fd20:ce::254', 128], // Google Cloud
    ['fd00:42::42', 128], // Scaleway
  ],
);

/** Where an IPv6 address carries an IPv4 address that a gateway or the kernel would connect to instead. */
const EMBEDDINGS: readonly { readonly prefix: BlockList; readonly firstGroup: number }[] = [
  { prefix: blockList([], [['::', 96]]), firstGroup: 6 }, // IPv4-compatible, RFC 4291 §2.5.5.1
  { prefix: blockList([], [['::ffff:0:0', 96]]), firstGroup: 6 }, // IPv4-mapped, RFC 4291 §2.5.5.2
  { prefix: blockList([], [['::ffff:0:0:0', 96]]), firstGroup: 6 }, // IPv4-translated, RFC 2765 §2.1
  { prefix: blockList([], [['64:ff9b::', 96]]), firstGroup: 6 }, // NAT64, RFC 6052 §2.1
  { prefix: blockList([], [['64:ff9b:1::', 48]]), firstGroup: 6 }, // local NAT64, RFC 8215
  { prefix: blockList([], [['2002::', 16]]), firstGroup: 1 }, // 6to4, RFC 3056 §2
];

/**
 * Whether a connection to this IP address must not be made: loopback, link-local, metadata, multicast, in
 * IPv4, IPv6, and IPv4 inside IPv6. What is no IP address is forbidden too.
 */
export function isForbiddenAddress(address: string): boolean {
  return matches(FORBIDDEN, address) ?? true;
}

/** Whether the IP address is this machine's own loopback. */
export function isLoopbackAddress(address: string): boolean {
  return matches(LOOPBACK, address) ?? false;
}

function matches(list: BlockList, address: string): boolean | undefined {
  const plain = address.replace(/%.*$/, '');
  if (isIPv4(plain)) return list.check(plain, 'ipv4');
  if (!isIPv6(plain)) return undefined;
  if (list.check(plain, 'ipv6')) return true;
  const groups = expand(plain);
  return EMBEDDINGS.some(
    ({ prefix, firstGroup }) =>
      prefix.check(plain, 'ipv6') && list.check(quadOf(groups.slice(firstGroup, firstGroup + 2)), 'ipv4'),
  );
}

/** The eight groups of a valid IPv6 address, whatever its spelling. */
function expand(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const left = groupsOf(head);
  if (tail === undefined) return left;
  const right = groupsOf(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function quadOf(groups: readonly number[]): string {
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}

type Subnets = readonly (readonly [address: string, prefix: number])[];

function blockList(ipv4: Subnets, ipv6: Subnets): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of ipv4) list.addSubnet(address, prefix, 'ipv4');
  for (const [address, prefix] of ipv6) list.addSubnet(address, prefix, 'ipv6');
  return list;
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForbiddenAddress, isLoopbackAddress } from '../../src/registry/address.ts';

const FORBIDDEN = {
  'IPv4 loopback': ['127.0.0.1', '127.255.255.254'],
  'this host': ['0.0.0.0', '0.1.2.3'],
  'link-local, metadata of most clouds': ['169.254.169.254', '169.254.0.1', '169.254.170.23'],
  'metadata of other clouds': ['100.100.100.200', '168.63.129.16', '192.0.0.192'],
  'multicast, reserved, broadcast': ['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  'IPv6 loopback and unspecified': ['::1', '::', '0:0:0:0:0:0:0:1'],
  'IPv6 link-local and multicast': ['fe80::1', 'febf::1', 'fe80::1%eth0', 'ff02::1'],
  'IPv6 metadata': ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:42::42'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:169.254.169.254', '::ffff:0.0.0.0'],
  'IPv4-compatible and IPv4-translated': ['::127.0.0.1', '::ffff:0:169.254.169.254'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::7f00:1'],
  '6to4': ['2002:7f00:1::', '2002:a9fe:a9fe::1'],
  'no address at all': ['', 'localhost', '127.1', '1.2.3.4.5', '[::1]'],
};

const ALLOWED = {
  'public IPv4': ['8.8.8.8', '140.82.121.34', '100.100.100.201', '168.63.129.17'],
  'private IPv4, where registries of companies and clusters are': [
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
  ],
  'public IPv6': ['2a00:1450:4001::200e', '2606:4700::1111'],
  'private IPv6': ['fd00::1', 'fd00:ec3::254', 'fd20:ce::253'],
  'IPv4 inside IPv6': ['::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1'],
};

for (const [what, addresses] of Object.entries(FORBIDDEN)) {
  test(`forbidden: ${what}`, () => {
    for (const address of addresses) assert.equal(isForbiddenAddress(address), true, address);
  });
}

for (const [what, addresses] of Object.entries(ALLOWED)) {
  test(`allowed: ${what}`, () => {
    for (const address of addresses) assert.equal(isForbiddenAddress(address), false, address);
  });
}

test('loopback is told from the rest of what is forbidden', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    assert.equal(isLoopbackAddress(address), true, address);
  for (const address of ['169.254.169.254', '0.0.0.0', '::', '8.8.8.8', 'localhost']) {
    assert.equal(isLoopbackAddress(address), false, address);
  }
});

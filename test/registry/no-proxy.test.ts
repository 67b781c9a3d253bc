// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNoProxy } from '../../src/registry/no-proxy.ts';

const TABLE: readonly (readonly [noProxy: string, exempt: readonly string[], proxied: readonly string[]])[] =
  [
    ['', [], ['reg.example', '10.0.0.1']],
    ['*', ['reg.example', '10.0.0.1', 'fd00::1'], []],
    [
      'corp.example',
      ['corp.example', 'reg.corp.example', 'a.b.corp.example', 'corp.example.'],
      ['evilcorp.example', 'corp.example.evil', 'example'],
    ],
    ['.corp.example', ['reg.corp.example'], ['corp.example', 'evilcorp.example']],
    ['*.corp.example', ['reg.corp.example'], ['corp.example']],
    ['CORP.example.', ['reg.corp.example'], ['reg.example']],
    [' a.example , b.example  c.example,,', ['a.example', 'b.example', 'c.example'], ['d.example']],
    ['10.1.2.3', ['10.1.2.3'], ['10.1.2.30', '10.1.2.4', 'x.10.1.2.3.example']],
    ['10.0.0.0/8', ['10.255.0.1'], ['11.0.0.1', 'reg.10.example']],
    ['10.1.2.3/0', ['203.0.113.7'], ['reg.example']],
    ['fd00::/8', ['fd12::1'], ['fe00::1', '10.0.0.1']],
    ['fd00:0::1', ['fd00::1'], ['fd00::2']],
    ['[fd00::1]', ['fd00::1'], []],
    // What is none of these exempts nothing, rather than everything.
    ['10.0.0.0/33, 10.0.0.0/x, /8, ., *., a*.example', [], ['10.0.0.1', 'ab.example', 'reg.example']],
  ];

for (const [noProxy, exempt, proxied] of TABLE) {
  test(`NO_PROXY=${noProxy}`, () => {
    const isExempt = parseNoProxy(noProxy);
    for (const hostname of exempt) assert.equal(isExempt({ hostname, port: 443 }), true, hostname);
    for (const hostname of proxied) assert.equal(isExempt({ hostname, port: 443 }), false, hostname);
  });
}

test('an entry with a port is for that port', () => {
  const isExempt = parseNoProxy('reg.example:5000,10.0.0.1:5000,[fd00::1]:5000');
  for (const hostname of ['reg.example', 'a.reg.example', '10.0.0.1', 'fd00::1']) {
    assert.equal(isExempt({ hostname, port: 5000 }), true, hostname);
    assert.equal(isExempt({ hostname, port: 443 }), false, hostname);
  }
});

test('loopback is exempt always: it would be the loopback of the proxy', () => {
  for (const hostname of [
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '::ffff:7f00:1',
  ]) {
    assert.equal(parseNoProxy('')({ hostname, port: 5000 }), true, hostname);
  }
  assert.equal(parseNoProxy('')({ hostname: 'notlocalhost', port: 443 }), false);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writesOut } from '../../src/policy/written-out.ts';

const YES = [
  String.raw`https://github\.com/acme/.*`,
  String.raw`^https://github\.com/acme/.*$`,
  String.raw`(?i)^https://github\.com/acme/[^/]+`,
  String.raw`https://github\.com/acme`,
  String.raw`https://github\.com/acme$`,
  'https://github.com/acme/.*',
  'https://github[.]com/acme/.*',
  String.raw`https:\/\/github\.com\/acme\/.*`,
  String.raw`https://github\.com/(acme|acme-labs)/.*`,
  String.raw`https://github\.com/(?:acme|acme-labs)/(app|web)`,
  String.raw`https://(github\.com|ghe\.acme\.example)/acme/.*`,
  String.raw`(https://github\.com/acme/.*)`,
  String.raw`(https://github\.com/acme|https://github\.com/acme-labs)/.*`,
  String.raw`https://github\.com/acme/.*|https://github\.com/acme-labs/.*`,
  String.raw`https://github\.com/acme/(app|web|)`,
  String.raw`https://github\.com/acme/[|()]+`,
  String.raw`https://github\.com/acme/[[:alpha:]|(]+`,
];

for (const text of YES) test(`written out: ${text}`, () => assert.equal(writesOut(text, 4), true));

const NO = [
  '.*',
  String.raw`https://github\.com/.*`,
  String.raw`https://github\.com/[^/]+/web`,
  String.raw`https://github\.com/acme.*/web`,
  String.raw`https://github\.com/acme.*`,
  String.raw`https://github\.com/acme-?/web`,
  String.raw`https://github\.com/acme+/web`,
  String.raw`https://github\.com/acme.labs/web`,
  String.raw`https://github\.com/acme(-[a-z]+)?/web`,
  String.raw`https://github\.com/(acme|[a-z]+)/web`,
  String.raw`https://github\.com/(acme|.*)/web`,
  String.raw`https://github\.com/(?P<owner>acme)/web`,
  String.raw`https://github\.com/(?i:acme)/web`,
  String.raw`https://github\.com/(acme)*/web`,
  String.raw`https://github\.com/\w+/web`,
  String.raw`https://github\.com/\pL+/web`,
  String.raw`https://github\.com/a{4}/web`,
  String.raw`https://github\.com/acme/.*|.*`,
  String.raw`https://github\.com/acme/.*|https://github\.com/[^/]+/web`,
  'https://[^/]+/acme/.*',
  'https://.*/acme/.*',
  String.raw`.*github\.com/acme/web`,
  String.raw`https://github\.com/[^a]cme/web`,
  String.raw`https://github\.com/[a-z]cme/web`,
  String.raw`https://github\.com/acme/\Q|\E.*|.*`,
  `https://github\\.com/${'(a|b)'.repeat(20)}/web`,
];

for (const text of NO) {
  test(`not written out: ${text.slice(0, 80)}`, () => assert.equal(writesOut(text, 4), false));
}

test('of a text without slashes the one segment', () => {
  assert.equal(writesOut('123', 1), true);
  assert.equal(writesOut('(123|456)', 1), true);
  assert.equal(writesOut('acme/.*', 1), true);
  assert.equal(writesOut('1.3', 1), false);
  assert.equal(writesOut('[2-9][0-9]+', 1), false);
  assert.equal(writesOut('[^/]+/web', 1), false);
});

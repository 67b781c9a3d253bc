// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from '../../src/image/reference.ts';
import { parsePattern } from '../../src/policy/pattern.ts';
import {
  coversPattern,
  matchPattern,
  matchPatterns,
  type PatternMatch,
  subjectOf,
} from '../../src/policy/pattern-match.ts';

const D = `sha256:${'a'.repeat(64)}`;
const E = `sha256:${'e'.repeat(64)}`;

/** Pattern, reference, answer. */
const ROWS: readonly (readonly [string, string, PatternMatch])[] = [
  // whole strings, by segment
  ['reg.io/corp', 'reg.io/corp', 'yes'],
  ['reg.io/corp', 'reg.io/corp:1', 'yes'],
  ['reg.io/corp', 'reg.io/corp-evil', 'no'],
  ['reg.io/corp', 'reg.io/corp/evil', 'no'],
  ['reg.io/corp', 'reg.io/evil/corp', 'no'],
  ['reg.io/corp', 'reg.io.evil.example/corp', 'no'],
  ['reg.io/corp', 'evil.example/reg.io/corp', 'no'],
  ['reg.io/corp', 'evil-reg.io/corp', 'no'],
  ['reg.io/corp', 'evil.reg.io/corp', 'no'],
  ['reg.io/corp', 'reg.io:5000/corp', 'no'],
  ['reg.io/corp', 'reg.ioo/corp', 'no'],
  ['reg.io/corp', 'regxio.example/corp', 'no'],
  ['reg.io/corp', 'corp', 'no'],
  ['reg.io/corp', 'docker.io/reg.io/corp', 'no'],
  ['reg.io/corp', 'localhost/reg.io/corp', 'no'],
  ['reg.io/corp', 'reg.io/corpevil', 'no'],
  ['reg.io/corp', 'reg.io/evilcorp', 'no'],
  ['reg.io/corp', 'REG.IO/corp', 'yes'],
  ['reg.io/corp', 'reg.io:443/corp', 'yes'],
  ['reg.io:443/corp', 'reg.io/corp', 'yes'],
  ['REG.io/corp', 'reg.io/corp', 'yes'],
  ['reg.io/corp/**', 'reg.io/corp', 'no'],
  ['reg.io/corp/**', 'reg.io/corp/a', 'yes'],
  ['reg.io/corp/**', 'reg.io/corp/a/b/c', 'yes'],
  ['reg.io/corp/**', 'reg.io/corp-evil/a', 'no'],
  ['reg.io/corp/**', 'reg.io.evil.example/corp/a', 'no'],
  ['reg.io/corp/**', 'evil.example/reg.io/corp/a', 'no'],
  ['reg.io/corp/*', 'reg.io/corp/a', 'yes'],
  ['reg.io/corp/*', 'reg.io/corp/a/b', 'no'],
  ['reg.io/corp/*', 'reg.io/corp', 'no'],
  ['reg.io/corp-*', 'reg.io/corp-a', 'yes'],
  ['reg.io/corp-*', 'reg.io/corp-a/b', 'no'],
  ['reg.io/corp-*/x', 'reg.io/corp-a/x', 'yes'],
  ['reg.io/**', 'reg.io/a', 'yes'],
  ['reg.io/**', 'reg.io/a/b', 'yes'],
  ['reg.io/**', 'reg.io.evil.example/a', 'no'],
  ['reg.io/**/web', 'reg.io/web', 'no'],
  ['reg.io/**/web', 'reg.io/a/b/web', 'yes'],
  ['reg.io/a/**/z', 'reg.io/a/z', 'no'],
  // everything
  ['**', 'nginx', 'yes'],
  ['**', `reg.io:5000/a/b:1@${D}`, 'yes'],
  ['**', `[::1]:5000/a@${D}`, 'yes'],
  ['**:*', `nginx@${D}`, 'yes'],
  ['**:latest', 'reg.io/a/b', 'yes'],
  ['**:latest', 'reg.io/a/b:1', 'no'],
  [`**@${D}`, `reg.io/a@${D}`, 'yes'],
  [`**@${D}`, `reg.io/a@${E}`, 'no'],
  // Docker Hub
  ['nginx', 'nginx', 'yes'],
  ['nginx', 'docker.io/library/nginx:1', 'yes'],
  ['nginx', 'index.docker.io/nginx', 'yes'],
  ['nginx', 'acme/nginx', 'no'],
  ['nginx', 'reg.io/nginx', 'no'],
  ['nginx', 'reg.io/library/nginx', 'no'],
  ['library/*', 'nginx', 'yes'],
  ['library/*', 'acme/nginx', 'no'],
  ['docker.io/*', 'nginx', 'yes'],
  ['docker.io/*', 'acme/nginx', 'no'],
  ['docker.io/**', 'nginx', 'yes'],
  ['docker.io/**', 'acme/team/nginx', 'yes'],
  ['docker.io/**', 'reg.io/nginx', 'no'],
  ['docker.io/**', 'registry-1.docker.io/library/nginx', 'no'],
  ['index.docker.io/acme/*', 'acme/web', 'yes'],
  ['acme/**', 'acme/web', 'yes'],
  ['acme/**', 'reg.io/acme/web', 'no'],
  ['docker.io/nginx-*', 'nginx-x', 'yes'],
  // hosts
  ['*.example.com/app/**', 'a.example.com/app/web', 'yes'],
  ['*.example.com/app/**', 'example.com/app/web', 'no'],
  ['*.example.com/app/**', 'a.b.example.com/app/web', 'no'],
  ['*.example.com/app/**', 'a.example.com.evil.example/app/web', 'no'],
  ['*.example.com/app/**', 'aexample.com/app/web', 'no'],
  ['*.example.com/app/**', 'a.example.com:5000/app/web', 'no'],
  ['*.EXAMPLE.com/app', 'A.example.com/app', 'yes'],
  ['*.example.com:443/app', 'a.example.com/app', 'yes'],
  ['*.example.com:5000/app', 'a.example.com:5000/app', 'yes'],
  ['*.example.com:5000/app', 'a.example.com:5001/app', 'no'],
  ['*.example.com:5000/app', 'a.example.com/app', 'no'],
  ['reg-*.example.com/app', 'reg-1.example.com/app', 'yes'],
  ['reg-*.example.com/app', 'reg-a.b.example.com/app', 'no'],
  ['123.dkr.ecr.*.amazonaws.com/**', '123.dkr.ecr.eu-west-1.amazonaws.com/a', 'yes'],
  ['123.dkr.ecr.*.amazonaws.com/**', '123.dkr.ecr.evil.example.amazonaws.com/a', 'no'],
  ['*.io/x', 'reg.io/x', 'yes'],
  ['*.io/x', 'reg.io.evil.io/x', 'no'],
  ['*:5000/x', 'reg:5000/x', 'yes'],
  ['*:5000/x', 'reg.io:5000/x', 'no'],
  ['*:5000/x', '[::1]:5000/x', 'no'],
  ['[::1]:5000/x', '[0:0::1]:5000/x', 'yes'],
  ['[::1]:5000/x', '[::2]:5000/x', 'no'],
  ['localhost:5000/**', 'localhost:5000/x', 'yes'],
  ['localhost/**', 'localhost:5000/x', 'no'],
  // tags and digests
  ['reg.io/x:*', 'reg.io/x:1', 'yes'],
  ['reg.io/x:*', `reg.io/x@${D}`, 'yes'],
  ['reg.io/x:*', `reg.io/x:1@${D}`, 'yes'],
  ['reg.io/x', `reg.io/x:1@${D}`, 'yes'],
  ['reg.io/x:1', 'reg.io/x:1', 'yes'],
  ['reg.io/x:1', 'reg.io/x:10', 'no'],
  ['reg.io/x:1', 'reg.io/x', 'no'],
  ['reg.io/x:latest', 'reg.io/x', 'yes'],
  ['reg.io/x:latest', `reg.io/x@${D}`, 'no'],
  ['reg.io/x:1', `reg.io/x@${D}`, 'no'],
  ['reg.io/x:1', `reg.io/x:1@${D}`, 'claimed'],
  ['reg.io/x:1', `reg.io/x:2@${D}`, 'no'],
  ['reg.io/x:1', 'reg.io/x:1.0', 'no'],
  ['reg.io/x:v*', 'reg.io/x:v2', 'yes'],
  ['reg.io/x:v*', 'reg.io/x:2', 'no'],
  ['reg.io/x:v*', `reg.io/x:v2@${D}`, 'claimed'],
  ['reg.io/x:v1.*-rc*', 'reg.io/x:v1.2-rc3', 'yes'],
  ['reg.io/x:v1', 'reg.io/x:V1', 'no'],
  [`reg.io/x@${D}`, `reg.io/x@${D}`, 'yes'],
  [`reg.io/x@${D}`, `reg.io/x:1@${D}`, 'yes'],
  [`reg.io/x@${D}`, `reg.io/x@${E}`, 'no'],
  [`reg.io/x@${D}`, 'reg.io/x:1', 'no'],
  [`reg.io/x@${D}`, 'reg.io/x', 'no'],
  [`reg.io/x:1@${D}`, `reg.io/x:1@${D}`, 'claimed'],
  [`reg.io/x:1@${D}`, `reg.io/x@${D}`, 'no'],
  [`reg.io/x:1@${D}`, `reg.io/x:1@${E}`, 'no'],
  [`**:1@${D}`, `reg.io/x:1@${D}`, 'claimed'],
];

for (const [pattern, reference, expected] of ROWS) {
  test(`${pattern} on ${reference}: ${expected}`, () => {
    assert.equal(matchPattern(parsePattern(pattern), subjectOf(parseImageReference(reference))), expected);
  });
}

/** Each with a word of the message. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['', /empty/],
  [' ', /spaces/],
  ['reg.io/x ', /spaces/],
  ['reg.io/\u0430', /non-ASCII/],
  ['https://reg.io/x', /scheme/],
  ['a'.repeat(1025), /longer/],
  // what could mean two things
  ['*', /\*\* alone is every image/],
  ['*/x', /starts with a registry/],
  ['**/x', /starts with a registry/],
  ['**/**', /starts with a registry/],
  ['*/**', /starts with a registry/],
  ['nginx*', /starts with a registry/],
  ['ac*/x', /starts with a registry/],
  ['ghcr.io', /ghcr\.io\/\*\*/],
  ['reg.io:5000', /reg\.io\/\*\*/],
  ['localhost', /localhost\/\*\*/],
  ['localhost:5000', /localhost\/\*\*/],
  [D, /\*\*@sha256/],
  // hosts
  ['**.io/x', /one label/],
  ['a.**.io/x', /one label/],
  ['a**.io/x', /host pattern/],
  ['*..io/x', /host pattern/],
  ['*.io:/x', /port/],
  ['*.io:*/x', /port/],
  ['reg.io:*/x', /port/],
  ['*.io:0/x', /port/],
  ['*.io:65536/x', /port/],
  ['*.io:080/x', /port/],
  ['*.io:1:2/x', /host pattern/],
  ['-*.io/x', /host pattern/],
  ['re_*.io/x', /host pattern/],
  ['LOCAL*/x', /host pattern/],
  ['Reg/x', /localhost/],
  ['docker.io:443/x', /Docker Hub/],
  ['127.1/x', /IPv4/],
  ['[::*]/x', /host pattern/],
  // segments
  ['reg.io/', /empty component/],
  ['reg.io/x/', /write \/\*\*/],
  ['reg.io//x', /empty component/],
  ['/x', /host name/],
  ['reg.io/X', /lower case/],
  ['reg.io/a**', /whole component/],
  ['reg.io/***', /whole component/],
  ['reg.io/**a/x', /whole component/],
  ['reg.io/a?c', /component/],
  ['reg.io/[ab]', /component/],
  ['reg.io/{a,b}', /component/],
  ['reg.io/!a', /component/],
  ['reg.io/x-', /component/],
  ['reg.io/..', /component/],
  ['reg.io/../*', /component/],
  // tags and digests
  ['reg.io/x:', /tag/],
  ['reg.io/x:**', /tag/],
  ['reg.io/x:a/b', /tag/],
  ['reg.io/x:-a', /tag/],
  ['reg.io/x:a?', /tag/],
  ['reg.io/x@sha256:*', /digest/],
  ['reg.io/x@', /digest/],
  [`reg.io/x@${D.toUpperCase()}`, /digest/],
  [`reg.io/x@${D}:1`, /digest/],
];

for (const [pattern, message] of REFUSED) {
  test(`refused: ${JSON.stringify(pattern.slice(0, 50))}`, () => {
    assert.throws(
      () => parsePattern(pattern),
      (error: Error) => message.test(error.message),
    );
  });
}

test('of several patterns one plain match needs no confirmation', () => {
  const subject = subjectOf(parseImageReference(`reg.io/x:1@${D}`));
  const patterns = (...texts: string[]) => texts.map(parsePattern);
  assert.equal(matchPatterns(patterns('reg.io/x:1', 'reg.io/y'), subject), 'claimed');
  assert.equal(matchPatterns(patterns('reg.io/x:1', 'reg.io/*'), subject), 'yes');
  assert.equal(matchPatterns(patterns('reg.io/*', 'reg.io/x:1'), subject), 'yes');
  assert.equal(matchPatterns([], subject), 'no');
});

/** Wide, narrow, covered. */
const COVERS: readonly (readonly [string, string, boolean])[] = [
  ['**', 'reg.io/x', true],
  ['**', '**', true],
  ['**', `**@${D}`, true],
  ['reg.io/x', '**', false],
  ['reg.io/**', 'reg.io/x', true],
  ['reg.io/**', 'reg.io/*/x', true],
  ['reg.io/*', 'reg.io/**', false],
  ['reg.io/x', 'reg.io/x', true],
  ['reg.io/x', 'reg.io/x:1', true],
  ['reg.io/x:1', 'reg.io/x', false],
  ['reg.io/x:v*', 'reg.io/x:v1', true],
  ['reg.io/x:v*', 'reg.io/x:v1*', true],
  ['reg.io/x:v1', 'reg.io/x:v*', false],
  ['reg.io/x', `reg.io/x@${D}`, true],
  [`reg.io/x@${D}`, 'reg.io/x', false],
  [`reg.io/x@${D}`, `reg.io/x@${E}`, false],
  ['*.io/x', 'reg.io/x', true],
  ['*.io/x', 'r*.io/x', true],
  ['r*.io/x', '*.io/x', false],
  ['*.io/x', '*.io:5000/x', false],
  ['reg.io/x', '*.io/x', false],
];

for (const [wide, narrow, expected] of COVERS) {
  test(`${wide} covers ${narrow}: ${expected}`, () => {
    assert.equal(coversPattern(parsePattern(wide), parsePattern(narrow)), expected);
  });
}

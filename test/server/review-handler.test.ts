// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post, reviewOf, startTestServer } from '../support/admission-server.ts';

type Row = { readonly name: string; readonly body: string; readonly headers?: Record<string, string> };

const REFUSED: readonly (Row & { readonly status: number; readonly code: string })[] = [
  { name: 'an empty body', body: '', status: 400, code: 'REVIEW_MALFORMED' },
  { name: 'white space', body: ' \n', status: 400, code: 'REVIEW_MALFORMED' },
  { name: 'null', body: 'null', status: 400, code: 'REVIEW_MALFORMED' },
  { name: 'an array', body: '[]', status: 400, code: 'REVIEW_MALFORMED' },
  { name: 'a number', body: '1e999', status: 400, code: 'REVIEW_MALFORMED' },
  { name: 'a string', body: '"review"', status: 400, code: 'REVIEW_MALFORMED' },
  {
    name: 'half a review',
    body: JSON.stringify(reviewOf()).slice(0, 200),
    status: 400,
    code: 'REVIEW_MALFORMED',
  },
  { name: 'two reviews', body: JSON.stringify(reviewOf()).repeat(2), status: 400, code: 'REVIEW_MALFORMED' },
  {
    name: 'a byte order mark',
    body: `\ufeff${JSON.stringify(reviewOf())}`,
    status: 400,
    code: 'REVIEW_MALFORMED',
  },
  { name: 'binary', body: '\u0000\u0001\u0002', status: 400, code: 'REVIEW_MALFORMED' },
  { name: 'an object without request', body: '{}', status: 400, code: 'REVIEW_MALFORMED' },
  {
    name: 'a review without uid',
    body: JSON.stringify(reviewOf({ uid: undefined })),
    status: 400,
    code: 'REVIEW_MALFORMED',
  },
  {
    name: 'a review with an empty uid',
    body: JSON.stringify(reviewOf({ uid: '' })),
    status: 400,
    code: 'REVIEW_MALFORMED',
  },
  {
    name: 'a uid that is inherited',
    body: '{"request":{"__proto__":{"uid":"x"}}}',
    status: 400,
    code: 'REVIEW_MALFORMED',
  },
  { name: 'an unclosed nesting bomb', body: '['.repeat(4_000_000), status: 413, code: 'REVIEW_TOO_LARGE' },
  { name: 'a small nesting bomb', body: '['.repeat(60_000), status: 400, code: 'REVIEW_MALFORMED' },
  {
    name: 'a closed nesting bomb',
    body: '['.repeat(2_000_000) + ']'.repeat(2_000_000),
    status: 413,
    code: 'REVIEW_TOO_LARGE',
  },
  {
    name: 'millions of objects',
    body: `[${'{},'.repeat(2_500_000)}{}]`,
    status: 413,
    code: 'REVIEW_TOO_LARGE',
  },
  {
    name: 'YAML',
    body: 'kind: AdmissionReview',
    headers: { 'content-type': 'application/yaml' },
    status: 415,
    code: 'REVIEW_MALFORMED',
  },
  {
    name: 'a type that only starts like JSON',
    body: '{}',
    headers: { 'content-type': 'application/jsonx' },
    status: 415,
    code: 'REVIEW_MALFORMED',
  },
  {
    name: 'a compressed body',
    body: '{}',
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'REVIEW_MALFORMED',
  },
];

const DENIED: readonly Row[] = [
  {
    name: 'an older version',
    body: JSON.stringify({ ...Object(reviewOf()), apiVersion: 'admission.k8s.io/v1beta1' }),
  },
  { name: 'another kind', body: JSON.stringify({ ...Object(reviewOf()), kind: 'ConversionReview' }) },
  { name: 'no version', body: JSON.stringify({ ...Object(reviewOf()), apiVersion: undefined }) },
  { name: 'an unknown operation', body: JSON.stringify(reviewOf({ operation: 'PATCH' })) },
  { name: 'no resource', body: JSON.stringify(reviewOf({ resource: null })) },
];

test('what is no review is refused, on both doors', async (t) => {
  const server = await startTestServer(t);
  for (const { name, body, headers = {}, status, code } of REFUSED) {
    for (const path of ['/validate', '/mutate']) {
      const answer = await post(server, body, { path, headers });
      assert.equal(answer.status, status, `${name}: ${answer.text.slice(0, 300)}`);
      assert.equal(answer.json()['code'], code, name);
      assert.ok(!answer.text.includes('allowed'), name);
    }
  }
  assert.equal((await post(server, JSON.stringify(reviewOf()))).status, 200);
});

test('a review that is wrong but names its uid is denied under that uid, on both doors', async (t) => {
  const server = await startTestServer(t);
  for (const { name, body } of DENIED) {
    for (const path of ['/validate', '/mutate']) {
      const { response } = (await post(server, body, { path })).json();
      assert.deepEqual(
        { uid: response?.uid, allowed: response?.allowed },
        { uid: 'uid-1', allowed: false },
        name,
      );
      assert.match(response?.status?.message ?? '', /REVIEW_MALFORMED/);
    }
  }
});

test('a nesting bomb inside a review is no harm: refused if large, else a review like any', async (t) => {
  const server = await startTestServer(t);
  const bomb = (depth: number) => {
    const object = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    return JSON.stringify(reviewOf({ object: 'BOMB' })).replace('"BOMB"', object);
  };
  assert.equal((await post(server, bomb(1_000_000))).status, 413);
  const { response } = (await post(server, bomb(10_000))).json();
  assert.equal(response?.uid, 'uid-1');
});

test('a content type with parameters or in capitals is JSON', async (t) => {
  const server = await startTestServer(t);
  for (const type of ['application/json; charset=utf-8', 'Application/JSON']) {
    const answer = await post(server, JSON.stringify(reviewOf()), { headers: { 'content-type': type } });
    assert.equal(answer.status, 200, type);
  }
});

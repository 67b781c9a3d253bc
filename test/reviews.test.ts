// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestRegistry } from '../src/testing/index.ts';
import { skipWithoutVectors, vectorsPath } from './support/vectors.ts';
import { startWholeServer, type Verdict, type WholeServer } from './support/whole-server.ts';

type Request = {
  readonly uid: string;
  readonly operation: string;
  readonly subResource?: string;
  readonly object: unknown;
  readonly oldObject: unknown;
};
type Kind = 'unread' | 'unchanged' | 'create' | 'changed';
type Recorded = {
  readonly file: string;
  readonly text: string;
  readonly request: Request;
  readonly door: '/validate' | '/mutate';
  readonly kind: Kind;
};

/** The host of every image in the recordings. */
const RECORDED_HOST = /127\.0\.0\.1:5001/g;
const UNREAD = new Set(['scale', 'status', 'resize', 'binding', 'eviction']);

/** Told from the recording alone, not with the code under test. */
function kindOf({ operation, subResource = '', object, oldObject }: Request): Kind {
  if (operation === 'DELETE' || operation === 'CONNECT' || UNREAD.has(subResource)) return 'unread';
  if (operation === 'CREATE') return 'create';
  const before = new Set(imagesIn(oldObject));
  return imagesIn(object).every((image) => before.has(image)) ? 'unchanged' : 'changed';
}

/** Every image a spec names, wherever it stands: `image:` of a container, `reference:` of an image volume. */
function imagesIn(object: unknown): string[] {
  const spec = (object as { readonly spec?: unknown } | null)?.spec ?? null;
  const names = /"(?:image|reference)":"([^"]+)"/g;
  return [...JSON.stringify(spec).matchAll(names)].map(([, image = '']) => image);
}

function load(host: string): Recorded[] {
  return readdirSync(vectorsPath('reviews'))
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(vectorsPath('reviews', file), 'utf8').replace(RECORDED_HOST, host);
      const { request } = JSON.parse(text) as { request: Request };
      const door = file.includes('-mutate-') ? '/mutate' : '/validate';
      return { file, text, request, door, kind: kindOf(request) };
    });
}

/** Sends them, some at a time, and gives each the answer it got. */
async function replay(server: WholeServer, reviews: readonly Recorded[], check: Check): Promise<number> {
  const queue = [...reviews];
  const lane = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      const answer = await server.ask(one.text, { door: one.door });
      assert.deepEqual([answer.status, answer.uid], [200, one.request.uid], one.file);
      check(answer, one);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return reviews.length;
}

type Check = (answer: Verdict, review: Recorded) => void;

const isLetThrough: Check = (answer, { file }) => {
  assert.deepEqual([answer.allowed, answer.patch, answer.code], [true, undefined, undefined], file);
};
const isInconclusive: Check = (answer, { file }) => {
  assert.deepEqual(
    [answer.allowed, answer.verdict, answer.code],
    [false, 'inconclusive', 'REGISTRY_UNREACHABLE'],
    file,
  );
};

test('the 276 recorded reviews, with the registry down', { skip: skipWithoutVectors }, async (t) => {
  const registry = await startTestRegistry();
  await registry.close();
  const server = await startWholeServer(t, { registries: { [registry.host]: { unsafePlainHttp: true } } });
  const reviews = load(registry.host);
  assert.equal(reviews.length, 276);
  const of = (kind: Kind, door?: '/validate' | '/mutate') =>
    reviews.filter((one) => one.kind === kind && (door === undefined || one.door === door));

  await t.test('what changes no image is allowed and unpatched, and the registry is not asked', async () => {
    assert.equal(await replay(server, of('unread'), isLetThrough), 131);
    assert.equal(await replay(server, of('unchanged'), isLetThrough), 55);
    assert.equal(await server.sent(), 0);
  });

  await t.test('mutate allows what it cannot resolve, unpatched', async () => {
    assert.equal(await replay(server, of('create', '/mutate'), isLetThrough), 41);
    assert.equal(await replay(server, of('changed', '/mutate'), isLetThrough), 4);
  });

  await t.test('validate denies it, as inconclusive', async () => {
    const before = await server.sent();
    assert.equal(await replay(server, of('create', '/validate'), isInconclusive), 41);
    assert.equal(await replay(server, of('changed', '/validate'), isInconclusive), 4);
    assert.ok((await server.sent()) > before);
  });
});

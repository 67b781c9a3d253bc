// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type AdmissionRequest,
  type Listing,
  listImages,
  parseAdmissionReview,
} from '../../src/admission/index.ts';
import { CountersignError } from '../../src/errors.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

type Recorded = { readonly file: string; readonly body: unknown };

function loadReviews(): Recorded[] {
  const folder = vectorsPath('reviews');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ file, body: JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) }));
}

const UNREAD = new Set(['scale', 'status', 'resize', 'binding', 'eviction']);

function expectListing(file: string, request: AdmissionRequest, listing: Listing): void {
  const { operation, subResource } = request;
  if (operation === 'DELETE' || operation === 'CONNECT' || UNREAD.has(subResource)) {
    assert.deepEqual([listing.uses.length, listing.subject], [0, 'none'], file);
  } else if (operation === 'CREATE') {
    assert.ok(listing.uses.length >= 1, `${file}: a workload has an image`);
    assert.equal(listing.reason, undefined, file);
  } else if (listing.uses.length === 0) {
    assert.equal(listing.reason, 'no-new-image', file);
  }
}

test('the 276 recorded reviews are parsed and listed', { skip: skipWithoutVectors }, () => {
  const reviews = loadReviews();
  assert.equal(reviews.length, 276);
  for (const { file, body } of reviews) {
    const request = parseAdmissionReview(body);
    expectListing(file, request, listImages(request));
  }
});

test('the recorded updates that bring in an image are these', { skip: skipWithoutVectors }, () => {
  const found = loadReviews().flatMap(({ file, body }) => {
    const request = parseAdmissionReview(body);
    if (request.operation !== 'UPDATE') return [];
    return listImages(request).uses.map((use) => `${file.slice(0, 3)} ${use.kind} ${use.image}`);
  });
  assert.deepEqual(found, EXPECTED_UPDATES);
});

test('a mutating review of a generateName object has no name and is listed', {
  skip: skipWithoutVectors,
}, () => {
  const nameless = loadReviews()
    .map(({ body }) => parseAdmissionReview(body))
    .filter((request) => request.operation === 'CREATE' && request.name === '' && request.kind === 'Pod');
  assert.ok(nameless.length > 10);
  for (const request of nameless) assert.ok(listImages(request).uses.length >= 1);
});

const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  7,
  'text',
  '',
  true,
  [],
  [[null]],
  {},
  { spec: [{ a: { b: null } }] },
];

/** Where garbage is put: every field of the review down to this depth, less what nobody reads. */
const DEPTH = 7;
const UNUSED = new Set(['managedFields', 'ownerReferences', 'tolerations', 'options', 'extra', 'affinity']);

test('garbage in any place of a recorded review throws a code, or is listed', {
  skip: skipWithoutVectors,
}, () => {
  const shapes = new Map<string, unknown>();
  for (const { body } of loadReviews()) {
    const { operation, kind, subResource } = parseAdmissionReview(body);
    shapes.set(`${operation} ${kind} ${subResource}`, body);
  }
  assert.ok(shapes.size > 15);
  for (const body of shapes.values()) corruptEverywhere(body, body, DEPTH);
});

/** Puts each piece of garbage into each field of `here`, asks, and puts back what was there. */
function corruptEverywhere(root: unknown, here: unknown, depth: number): void {
  if (typeof here !== 'object' || here === null || depth === 0) return;
  const holder = here as Record<string, unknown>;
  for (const name of Object.keys(holder).filter((key) => !UNUSED.has(key))) {
    const original = holder[name];
    for (const garbage of GARBAGE) {
      holder[name] = garbage;
      expectCodeOrListing(root);
    }
    holder[name] = original;
    corruptEverywhere(root, original, depth - 1);
  }
}

function expectCodeOrListing(body: unknown): void {
  try {
    const listing = listImages(parseAdmissionReview(body));
    assert.ok(listing.uses.every((use) => typeof use.image === 'string' && use.image !== ''));
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    assert.ok(['REVIEW_MALFORMED', 'OBJECT_MALFORMED', 'IMAGE_EMPTY'].includes(error.code), error.code);
  }
}

/** Two users change an image of a Deployment or Pod, one pins it; everything else changes none. */
const EXPECTED_UPDATES: readonly string[] = [
  '015 container 127.0.0.1:5001/demo/app@sha256:661dc9ccd761167ce48f58225e562dd1a1139dd9032a226b2318ec3aaa58a0c1',
  '016 container 127.0.0.1:5001/demo/app@sha256:661dc9ccd761167ce48f58225e562dd1a1139dd9032a226b2318ec3aaa58a0c1',
  '047 container 127.0.0.1:5001/demo/app:v2',
  '048 container 127.0.0.1:5001/demo/app:v2',
  '182 container 127.0.0.1:5001/demo/app:v2',
  '183 container 127.0.0.1:5001/demo/app:v2',
  '235 container 127.0.0.1:5001/demo/app:v2',
  '236 container 127.0.0.1:5001/demo/app:v2',
];

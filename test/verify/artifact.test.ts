// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { artifactOfDigest, artifactOfImage } from '../../src/verify/artifact.ts';
import { IMAGE } from '../support/verification.ts';

const HEX = 'ab'.repeat(32);
const digest = `sha256:${HEX}`;

test('what has a digest has that one, and the bytes of it', () => {
  const artifact = artifactOfDigest(digest);
  assert.deepEqual([artifact.has(digest), artifact.has(`sha256:${'cd'.repeat(32)}`)], [true, false]);
  assert.equal(Buffer.from(artifact.digest('sha256') ?? []).toString('hex'), HEX);
  assert.equal(artifact.digest('sha512'), undefined);
});

test('an image is one artifact each time, and holds none of the memory that its digest was made in', () => {
  const artifact = artifactOfImage(IMAGE);
  assert.equal(artifactOfImage(IMAGE), artifact);
  assert.notEqual(artifact.digest('sha256'), artifact.digest('sha256'));
});

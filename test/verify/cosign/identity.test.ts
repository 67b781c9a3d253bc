// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { formatPinnedImage } from '../../../src/image/pinned-image.ts';
import {
  expectCode,
  expectVerified,
  IMAGE,
  imageAt,
  legacyCandidate,
  sharedKey,
  signerOf,
  trusted,
} from '../../support/verification.ts';

const key = sharedKey();
const demanding = signerOf([trusted(key)], { signedIdentity: 'repository' });
const named = (dockerReference: string) => legacyCandidate(key, { dockerReference });
const nginx = imageAt('nginx', IMAGE.digest);

suite('signedIdentity: repository', () => {
  for (const [reference, image] of [
    ['registry.example/acme/web', IMAGE],
    ['registry.example/acme/web:1.4', IMAGE],
    [`registry.example/acme/web@${IMAGE.digest}`, IMAGE],
    [`registry.example/acme/web:1@sha256:${'0'.repeat(64)}`, IMAGE],
    ['index.docker.io/library/nginx', nginx],
    ['docker.io/library/nginx', nginx],
    ['nginx', nginx],
    ['registry.example:443/acme/web', IMAGE],
  ] as const) {
    test(`${reference} is ${formatPinnedImage(image).split('@')[0]}`, () => {
      expectVerified(named(reference), demanding, image);
    });
  }

  for (const reference of [
    '',
    'registry.example/acme',
    'registry.example/acme/web/x',
    'registry.example/acme/web-evil',
    'registry.example.evil.example/acme/web',
    'evil.example/registry.example/acme/web',
    'registry.example:5000/acme/web',
    'acme/web',
    'web',
    'Registry.example/ACME/web',
    'https://registry.example/acme/web',
    'registry.example/acme/web\n',
    'registry.example/acme/web,registry.example/acme/web',
    'registry.example/acme/web:',
    'registry.example/acme/**',
  ]) {
    test(`${JSON.stringify(reference)} is not registry.example/acme/web`, () => {
      const { message } = expectCode('IDENTITY_MISMATCH', named(reference), demanding);
      assert.match(message, /registry\.example\/acme\/web"/);
    });
  }

  test('without the demand the reference says nothing', () => {
    assert.equal(
      expectVerified(named('evil.example/x'), signerOf([trusted(key)])).dockerReference,
      'evil.example/x',
    );
  });

  test('it is asked only of a signature that holds', () => {
    const other = signerOf([trusted(sharedKey('ecdsa-p256', 'other'))], { signedIdentity: 'repository' });
    expectCode('SIGNATURE_INVALID', named('evil.example/x'), other);
  });
});

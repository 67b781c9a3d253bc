// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { digestOf } from '../../../src/image/digest.ts';
import { LIMITS } from '../../../src/limits.ts';
import { makeLegacyPayload } from '../../../src/testing/index.ts';
import {
  expectCode,
  expectVerified,
  IMAGE,
  imageAt,
  layerCandidate,
  legacyCandidate,
  MANIFEST,
  sharedKey,
  signerOf,
  trusted,
} from '../../support/verification.ts';

const key = sharedKey();
const signer = signerOf([trusted(key)]);

test('the evidence says who, how and what', () => {
  const candidate = legacyCandidate(key, { annotations: { build: '7', 'a<b': 'c&d' } });
  assert.deepEqual(expectVerified(candidate, signer), {
    identity: `key:${key.fingerprint}`,
    keyFingerprint: key.fingerprint,
    algorithm: 'ecdsa-sha2-256-nistp256',
    format: 'simple-signing',
    dockerReference: 'registry.example/acme/web',
    annotations: { build: '7', 'a<b': 'c&d' },
  });
});

test('the image of another digest is another image, whoever signed', () => {
  const digest = digestOf(Buffer.from('another'));
  const { message } = expectCode('PAYLOAD_DIGEST_MISMATCH', legacyCandidate(key, { digest }), signer);
  assert.ok(message.includes(digest) && message.includes(IMAGE.digest), message);
  const foreign = legacyCandidate(sharedKey('ecdsa-p256', 'other'), { digest });
  expectCode('PAYLOAD_DIGEST_MISMATCH', foreign, signer);
});

test('digests are compared whole, algorithm and case', () => {
  const hex = IMAGE.digest.slice('sha256:'.length);
  for (const digest of [
    '',
    'sha256:',
    hex,
    `sha256:${hex.toUpperCase()}`,
    `SHA256:${hex}`,
    `${IMAGE.digest} `,
    `${IMAGE.digest}\0`,
    `sha512:${hex}`,
  ]) {
    expectCode('PAYLOAD_DIGEST_MISMATCH', legacyCandidate(key, { digest }), signer);
  }
});

test('images by sha512 digests are signed likewise', () => {
  const digest = digestOf(MANIFEST, 'sha512');
  expectVerified(legacyCandidate(key, { digest }), signer, imageAt('registry.example/acme/web', digest));
});

suite('the signature annotation', () => {
  const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'x.example/y' });
  const good = legacyCandidate(key, { payload }).annotations['dev.cosignproject.cosign/signature'] ?? '';
  const texts = {
    empty: '',
    'white space': ' ',
    'not base64': '!!!!',
    'with a trailing newline': `${good}\n`,
    'in the URL alphabet': good.replace(/^./, '_'),
    'without padding': good
      .replace(/=+$/, '')
      .padEnd(good.length - 1, 'A')
      .slice(0, -1),
    'in PEM': `-----BEGIN SIGNATURE-----\n${good}`,
    'longer than any signature': Buffer.alloc(LIMITS.signatureBytes + 3).toString('base64'),
  };
  for (const [what, text] of Object.entries(texts)) {
    test(`${what}: malformed`, () => {
      const annotations = { 'dev.cosignproject.cosign/signature': text };
      const { message } = expectCode('SIGNATURE_MALFORMED', layerCandidate(payload, annotations), signer);
      assert.ok(message.length < 300 && !/\p{Cc}/u.test(message), message);
    });
  }

  test('missing: malformed, also under other names', () => {
    expectCode('SIGNATURE_MALFORMED', layerCandidate(payload, {}), signer);
    const names = ['dev.sigstore.cosign/signature', 'Dev.cosignproject.cosign/signature'];
    for (const name of names)
      expectCode('SIGNATURE_MALFORMED', layerCandidate(payload, { [name]: good }), signer);
  });

  test('of another payload: invalid', () => {
    const other = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'x.example/z' });
    const annotations = { 'dev.cosignproject.cosign/signature': good };
    expectCode('SIGNATURE_INVALID', layerCandidate(other, annotations), signer);
  });

  test('over the exact bytes: JSON that means the same is another payload', () => {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(payload.toString()), null, 1));
    const annotations = { 'dev.cosignproject.cosign/signature': good };
    expectCode('SIGNATURE_INVALID', layerCandidate(spaced, annotations), signer);
    expectVerified(layerCandidate(payload, annotations), signer);
  });
});

suite('annotations that the signer demands', () => {
  const demanding = signerOf([trusted(key)], { annotations: { env: 'prod', team: 'web' } });

  test('all of them, with the same strings: verified', () => {
    expectVerified(legacyCandidate(key, { annotations: { env: 'prod', team: 'web', more: 'x' } }), demanding);
  });

  const mismatches: Record<string, Record<string, unknown> | null> = {
    none: null,
    'one missing': { env: 'prod' },
    'another value': { env: 'dev', team: 'web' },
    'another case': { ENV: 'prod', team: 'web' },
    'a value that begins alike': { env: 'prod2', team: 'web' },
    'a list': { env: ['prod'], team: 'web' },
    'a number for a string': { env: 'prod', team: 7 },
  };
  for (const [what, optional] of Object.entries(mismatches)) {
    test(`${what}: mismatch`, () => {
      const base = JSON.parse(
        makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'x.example/y' }).toString(),
      );
      const payload = Buffer.from(JSON.stringify({ ...base, optional }));
      const { message } = expectCode('ANNOTATION_MISMATCH', legacyCandidate(key, { payload }), demanding);
      assert.match(message, /"(env|team)"/);
    });
  }

  test('nothing is inherited from the prototype of objects', () => {
    const odd = signerOf([trusted(key)], { annotations: { constructor: 'x' } });
    expectCode('ANNOTATION_MISMATCH', legacyCandidate(key), odd);
    expectVerified(legacyCandidate(key, { annotations: { constructor: 'x' } }), odd);
  });

  test('they are asked only of a signature that holds', () => {
    const other = signerOf([trusted(sharedKey('ecdsa-p256', 'other'))], { annotations: { env: 'prod' } });
    expectCode('SIGNATURE_INVALID', legacyCandidate(key), other);
  });
});

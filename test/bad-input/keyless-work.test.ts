// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mock, suite, test } from 'node:test';
import { explicit, sequence, utf8String } from '../../src/certificate/der.ts';
import { parseCertificate } from '../../src/certificate/x509.ts';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import { makeLegacyPayload } from '../../src/testing/index.ts';
import { readBundle, verifyCandidate, verifyReadBundle } from '../../src/verify/index.ts';
import { readIdentity } from '../../src/verify/sigstore/certificate/read-identity.ts';
import { countCrypto } from '../support/crypto-counter.ts';
import {
  ARTIFACT,
  bundle,
  certificate,
  IDENTITY,
  longText,
  nested,
  SIGNER,
  SIGSTORE,
  signerFor,
  TRUST,
} from '../support/hostile-keyless.ts';
import { IMAGE, layerCandidate, NOW } from '../support/verification.ts';

suite('beside a legacy layer', () => {
  const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
  const layer = SIGSTORE.signLegacyLayer({ identity: IDENTITY, payload });
  const { annotations } = layer.descriptor;
  const pem = annotations['dev.sigstore.cosign/certificate'] ?? '';
  const judge = (name: string, text: string) =>
    verifyCandidate(
      layerCandidate(layer.payload, { ...annotations, [`dev.sigstore.cosign/${name}`]: text }),
      SIGNER,
      IMAGE,
      NOW,
      TRUST,
    );

  for (const [what, name, text, code] of [
    ['as it is', 'certificate', pem, 'VERIFIED'],
    ['a certificate of 1 MB', 'certificate', `${pem}${' '.repeat(1_000_000)}`, 'LIMIT_EXCEEDED'],
    [
      '2,000 beginnings of certificates',
      'certificate',
      '-----BEGIN CERTIFICATE-----'.repeat(2_000),
      'LIMIT_EXCEEDED',
    ],
    [
      '2,000 ends of certificates',
      'certificate',
      `${pem}${'-----END CERTIFICATE-----'.repeat(2_000)}`,
      'CERTIFICATE_MALFORMED',
    ],
    [
      'a chain of 33',
      'chain',
      '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'.repeat(33),
      'LIMIT_EXCEEDED',
    ],
    ['a log entry of 1 MB', 'bundle', `${' '.repeat(1_000_000)}{}`, 'LIMIT_EXCEEDED'],
    ['a log entry of nested JSON', 'bundle', '['.repeat(40_000) + ']'.repeat(40_000), 'LIMIT_EXCEEDED'],
    ['a timestamp of 1 MB', 'rfc3161timestamp', `{"x":"${'x'.repeat(1_000_000)}"}`, 'TIMESTAMP_MALFORMED'],
  ] as const) {
    test(what, async () => {
      const { verified } = await countCrypto(() => assert.equal(judge(name, text).code, code));
      assert.ok(verified <= 8, `${verified} verifications`);
    });
  }
});

suite('the work grows with the bytes, not faster', () => {
  /** How many views into the bytes are made: readers make one or two of each value that they look at. */
  const viewsOf = (work: () => unknown): number => {
    const views = mock.method(Uint8Array.prototype, 'subarray');
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof CountersignError, `${error}`);
    } finally {
      views.mock.restore();
    }
    return views.mock.callCount();
  };

  test('nested DER costs what one value does, however deep', () => {
    const [few, many] = [nested(1_500), nested(15_000)].map((der) => viewsOf(() => parseCertificate(der)));
    assert.equal(few, many);
  });

  for (const [what, make] of [
    [
      'values side by side',
      (count: number) => sequence(...Array.from({ length: count }, () => Buffer.of(5, 0))),
    ],
    [
      'texts side by side',
      (count: number) => sequence(explicit(3, ...Array.from({ length: count }, () => utf8String('x')))),
    ],
  ] as const) {
    test(`ten times as many ${what} cost ten times as much at most`, () => {
      const [few = 0, many = 0] = [300, 3_000].map((count) => viewsOf(() => parseCertificate(make(count))));
      assert.ok(many <= 10 * few + 10, `${few} views, then ${many}`);
    });
  }

  test('patterns are held against no text that is longer than the limit', () => {
    const identity = { ...IDENTITY, subject: { kind: 'uri', value: longText() } } as const;
    assert.equal(
      readIdentity(parseCertificate(certificate(identity))).subject.value.length,
      LIMITS.identityBytes,
    );
    assert.ok(LIMITS.identityBytes >= LIMITS.identityPatternLength, 'what a policy can want can be there');
  });
});

suite('who else may have signed costs no cryptography', () => {
  const stranger = signerFor({ ...IDENTITY, subject: 'https://github.com/acme/other' });
  const bytes = bundle(() => undefined);

  test('a bundle by another identity', async () => {
    const count = await countCrypto(() =>
      assert.throws(() => verifyReadBundle(readBundle(bytes), stranger, ARTIFACT, NOW, TRUST), {
        code: 'IDENTITY_MISMATCH',
      }),
    );
    assert.deepEqual(count, { verified: 0, keys: 0 });
  });

  test('a layer by another identity', async () => {
    const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
    const layer = SIGSTORE.signLegacyLayer({ identity: IDENTITY, payload });
    const candidate = layerCandidate(layer.payload, layer.descriptor.annotations);
    const count = await countCrypto(() =>
      assert.equal(verifyCandidate(candidate, stranger, IMAGE, NOW, TRUST).code, 'IDENTITY_MISMATCH'),
    );
    assert.deepEqual(count, { verified: 0, keys: 0 });
  });
});

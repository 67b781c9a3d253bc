// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { digestOf, parseDigest } from '../../src/image/digest.ts';
import { type Candidate, verifyCandidate } from '../../src/verify/index.ts';
import { skipWithoutVectors as skip, vectorsPath } from '../support/vectors.ts';
import {
  bundleOf,
  expectCode,
  expectVerified,
  imageAt,
  layerCandidate,
  NOW,
  sharedKey,
  signerOf,
  trusted,
} from '../support/verification.ts';

const read = (...path: string[]) => readFileSync(vectorsPath(...path));
const json = (...path: string[]) => JSON.parse(read(...path).toString());
const keyIn = (...path: string[]): KeyObject => createPublicKey(read(...path).toString());
const stranger = signerOf([trusted(sharedKey())]);

suite('three images signed with a key (containers/image)', { skip }, () => {
  const image = imageAt(
    '192.168.64.2:5000/cosign-signed-single-sample',
    parseDigest('sha256:634a8f35b5f16dcf4aaa0822adc0b1964bb786fca12f6831de8ddc45e5986a00'),
  );
  const signer = () => signerOf([trusted(keyIn('legacy-keyed', 'cosign.pub'))]);

  /** `signature-N` of the `dir:` layout: a NUL, the format's name, JSON. */
  const layer = (folder: string, name: string): Candidate => {
    const text = read('legacy-keyed', folder, name)
      .toString()
      .replace(/^\0sigstore-json\n/, '');
    const { payload, annotations } = JSON.parse(text);
    return layerCandidate(Buffer.from(payload, 'base64'), annotations);
  };

  for (const [folder, name] of [
    ['dir-img-cosign-valid', 'signature-1'],
    ['dir-img-cosign-valid-2', 'signature-1'],
    ['dir-img-cosign-valid-2', 'signature-2'],
    ['dir-img-cosign-valid-with-tag', 'signature-1'],
  ] as const) {
    test(`${folder}/${name}`, () => {
      const candidate = layer(folder, name);
      assert.equal(expectVerified(candidate, signer(), image).algorithm, 'ecdsa-sha2-256-nistp256');
      expectCode('SIGNATURE_INVALID', candidate, stranger, image);
      const other = imageAt('192.168.64.2:5000/other', digestOf(Buffer.from('other')));
      expectCode('PAYLOAD_DIGEST_MISMATCH', candidate, signer(), other);
    });
  }

  test('two signatures by one key have one identity', () => {
    const identities = ['signature-1', 'signature-2'].map(
      (name) => expectVerified(layer('dir-img-cosign-valid-2', name), signer(), image).identity,
    );
    assert.equal(new Set(identities).size, 1);
  });

  test('signedIdentity reads past the tag, and optional fields that are no strings are left', () => {
    const demanding = signerOf([trusted(keyIn('legacy-keyed', 'cosign.pub'))], {
      signedIdentity: 'repository',
    });
    const tagged = layer('dir-img-cosign-valid-with-tag', 'signature-1');
    expectCode('IDENTITY_MISMATCH', tagged, demanding, image);
    const named = imageAt('192.168.64.2:5000/skopeo-signed', image.digest);
    const { dockerReference, annotations } = expectVerified(tagged, demanding, named);
    assert.equal(dockerReference, '192.168.64.2:5000/skopeo-signed:tag');
    assert.deepEqual(annotations, { creator: 'containers/image 5.21.2-dev' });
  });
});

suite('what cosign 3.1.2 signed with a key', { skip }, () => {
  const image = () =>
    imageAt('127.0.0.1:5001/demo/app', digestOf(read('local-sigstore', 'image.manifest.json')));
  const signer = () => signerOf([trusted(keyIn('local-sigstore', 'cosign.pub'))]);
  const bundle = (name: string) => bundleOf(read('local-sigstore', `${name}.bundle.json`));

  for (const name of ['key-offline', 'key-rekor2-tsa']) {
    test(`${name}: verified, and refused for another key or image`, () => {
      const { algorithm, predicateType } = expectVerified(bundle(name), signer(), image());
      assert.equal(algorithm, 'ecdsa-sha2-256-nistp256');
      assert.equal(predicateType, 'https://sigstore.dev/cosign/sign/v1');
      expectCode('SIGNATURE_INVALID', bundle(name), stranger, image());
      const other = imageAt('127.0.0.1:5001/demo/app', digestOf(Buffer.from('other')));
      expectCode('PAYLOAD_DIGEST_MISMATCH', bundle(name), signer(), other);
    });
  }

  test('github-keyless-sct: a certificate is no key', () => {
    expectCode('BUNDLE_CERTIFICATE', bundle('github-keyless-sct'), signer(), image());
  });

  const payload = (digest: string) =>
    Buffer.from(
      `{"critical":{"identity":{"docker-reference":"127.0.0.1:5001/demo/app"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":null}`,
    );

  test('legacy.sig.manifest.json: its layer is a signature by the key', () => {
    const [layer] = json('local-sigstore', 'legacy.sig.manifest.json').layers;
    const bytes = payload(image().digest);
    assert.equal(digestOf(bytes), layer.digest, 'the payload is the blob that the manifest lists');
    const demanding = signerOf([trusted(keyIn('local-sigstore', 'cosign.pub'))], {
      signedIdentity: 'repository',
    });
    expectVerified(layerCandidate(bytes, layer.annotations), demanding, image());
    expectCode('SIGNATURE_INVALID', layerCandidate(bytes, layer.annotations), stranger, image());
  });

  test('legacy.att.manifest.json: the annotations of an attestation hold no signature', () => {
    const [layer] = json('local-sigstore', 'legacy.att.manifest.json').layers;
    expectCode(
      'SIGNATURE_MALFORMED',
      layerCandidate(payload(image().digest), layer.annotations),
      signer(),
      image(),
    );
    const envelope = Buffer.from(
      '{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[]}',
    );
    expectCode('NOT_A_SIGNATURE', layerCandidate(envelope, layer.annotations), signer(), image());
  });
});

suite('the Sigstore conformance suite, with the artifact as the image', { skip }, () => {
  const artifact = () => imageAt('x.example/a', digestOf(read('conformance', 'a.txt')));
  const managed = ['managed-key-happy-path', 'managed-key-and-trusted-root'];

  for (const name of managed) {
    test(name, () => {
      const signer = signerOf([trusted(keyIn('conformance', name, 'key.pub'))]);
      const candidate = bundleOf(read('conformance', name, 'bundle.sigstore.json'));
      assert.equal(expectVerified(candidate, signer, artifact()).format, 'bundle');
      expectCode('SIGNATURE_INVALID', candidate, stranger, artifact());
      expectCode(
        'PAYLOAD_DIGEST_MISMATCH',
        candidate,
        signer,
        imageAt('x.example/a', digestOf(Buffer.from('b'))),
      );
    });
  }

  test('no bundle of any case is verified by a key that did not sign it', () => {
    const cases = skip
      ? []
      : readdirSync(vectorsPath('conformance')).filter((name) =>
          existsSync(vectorsPath('conformance', name, 'bundle.sigstore.json')),
        );
    assert.ok(skip || cases.length > 30, `${cases.length} cases`);
    for (const name of cases) {
      const own = vectorsPath('conformance', name, 'artifact');
      const image = existsSync(own) ? imageAt('x.example/a', digestOf(readFileSync(own))) : artifact();
      const { status } = verifyCandidate(
        bundleOf(read('conformance', name, 'bundle.sigstore.json')),
        stranger,
        image,
        NOW,
      );
      assert.equal(status, 'rejected', name);
    }
  });
});

suite('bundles of other clients are read, v0.1 to v0.3', { skip }, () => {
  const expected: Record<string, string> = {
    'bundles-sigstore-go/bundles/dsse-2sigs.sigstore.json': 'BUNDLE_MALFORMED',
    'bundles-sigstore-go/bundles/othername.sigstore.json': 'PAYLOAD_DIGEST_MISMATCH',
    'bundles-sigstore-go/bundles/public-key-validity.sigstore.json': 'PAYLOAD_DIGEST_MISMATCH',
  };
  const folders = ['bundles-sigstore-js', 'bundles-sigstore-go/bundles'];
  const names = skip
    ? []
    : folders.flatMap((folder) => readdirSync(vectorsPath(folder)).map((name) => `${folder}/${name}`));
  for (const name of names.filter((one) => /\.sigstore(\.json)?$/.test(one))) {
    test(name, () => {
      const image = imageAt('x.example/a', digestOf(Buffer.from('x')));
      expectCode(
        (expected[name] ?? 'NOT_A_SIGNATURE') as 'NOT_A_SIGNATURE',
        bundleOf(read(name)),
        stranger,
        image,
      );
    });
  }
});

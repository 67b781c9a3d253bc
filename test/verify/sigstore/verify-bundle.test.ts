// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { digestOf } from '../../../src/image/digest.ts';
import { bundleMediaType, makeStatement } from '../../../src/testing/index.ts';
import {
  bundleCandidate,
  expectCode,
  expectVerified,
  IMAGE,
  imageAt,
  legacyCandidate,
  MANIFEST,
  sharedKey,
  signerOf,
  trusted,
} from '../../support/verification.ts';

const key = sharedKey();
const other = sharedKey('ecdsa-p256', 'other');
const signer = signerOf([trusted(key)]);
const hex = IMAGE.digest.slice('sha256:'.length);
const elsewhere = digestOf(Buffer.from('another'));

/** A bundle over a statement that differs from cosign's in some fields. */
const stating = (fields: object) => {
  const statement = { ...JSON.parse(makeStatement({ digest: IMAGE.digest }).toString()), ...fields };
  return bundleCandidate(key, { statement: JSON.stringify(statement) });
};

test('the evidence says who, how and what', () => {
  const candidate = bundleCandidate(key, { annotations: { env: 'prod' } });
  assert.deepEqual(expectVerified(candidate, signer), {
    identity: `key:${key.fingerprint}`,
    keyFingerprint: key.fingerprint,
    algorithm: 'ecdsa-sha2-256-nistp256',
    format: 'bundle',
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    annotations: { env: 'prod' },
  });
});

test('every version and spelling', () => {
  for (const version of ['0.1', '0.2', '0.3'] as const) {
    for (const spelling of ['dotted', 'parameter'] as const) {
      expectVerified(bundleCandidate(key, { mediaType: bundleMediaType(version, spelling) }), signer);
    }
  }
});

suite('what is signed must be this image', () => {
  test('another digest is another image, whoever signed', () => {
    const { message } = expectCode(
      'PAYLOAD_DIGEST_MISMATCH',
      bundleCandidate(key, { digest: elsewhere }),
      signer,
    );
    assert.ok(message.includes(elsewhere) && message.includes(IMAGE.digest), message);
    expectCode('PAYLOAD_DIGEST_MISMATCH', bundleCandidate(other, { digest: elsewhere }), signer);
  });

  test('algorithm and value', () => {
    const digests = [
      {},
      { sha512: hex },
      { SHA256: hex },
      { sha256: hex.toUpperCase() },
      { sha256: '' },
      { '': IMAGE.digest },
    ];
    for (const digest of digests)
      expectCode('PAYLOAD_DIGEST_MISMATCH', stating({ subject: [{ digest }] }), signer);
  });

  test('one of several subjects, one of several digests', () => {
    const subject = [
      { name: 'x', digest: { sha256: elsewhere.slice('sha256:'.length) } },
      { name: 'y', digest: { sha512: 'cd'.repeat(64), sha256: hex } },
    ];
    expectVerified(stating({ subject }), signer);
  });

  test('a sha512 digest is signed likewise', () => {
    const digest = digestOf(MANIFEST, 'sha512');
    expectVerified(bundleCandidate(key, { digest }), signer, imageAt('registry.example/acme/web', digest));
  });
});

suite('an attestation is no signature, though the key made it', () => {
  for (const predicateType of [
    'https://slsa.dev/provenance/v1',
    'https://cosign.sigstore.dev/attestation/v1',
    'https://sigstore.dev/cosign/sign/v2',
  ]) {
    test(predicateType, () => {
      const { message } = expectCode('NOT_A_SIGNATURE', bundleCandidate(key, { predicateType }), signer);
      assert.ok(message.includes(predicateType), message);
    });
  }

  test('an envelope with something else than a statement', () => {
    for (const payloadType of [
      '',
      'application/json',
      'application/vnd.in-toto+json ',
      'application/vnd.in-toto.v2+json',
    ]) {
      expectCode('NOT_A_SIGNATURE', bundleCandidate(key, { payloadType }), signer);
    }
  });

  test('a provenance bundle with a certificate', () => {
    const edit = (bundle: { verificationMaterial: object }) => {
      bundle.verificationMaterial = { certificate: { rawBytes: 'aGk=' } };
    };
    const predicateType = 'https://slsa.dev/provenance/v1';
    expectCode('NOT_A_SIGNATURE', bundleCandidate(key, { edit, predicateType }), signer);
    expectCode('BUNDLE_CERTIFICATE', bundleCandidate(key, { edit }), signer);
    expectCode('BUNDLE_CERTIFICATE', bundleCandidate(key, { edit, message: MANIFEST }), signer);
  });
});

suite('annotations are those of the subject that matches', () => {
  const demanding = signerOf([trusted(key)], { annotations: { env: 'prod' } });
  const foreign = { digest: { sha256: elsewhere.slice('sha256:'.length) }, annotations: { env: 'prod' } };

  test('there: verified', () => {
    expectVerified(bundleCandidate(key, { annotations: { env: 'prod', more: 'x' } }), demanding);
  });

  test('missing, of another value, or on another subject: mismatch', () => {
    expectCode('ANNOTATION_MISMATCH', bundleCandidate(key), demanding);
    expectCode('ANNOTATION_MISMATCH', bundleCandidate(key, { annotations: { env: 'dev' } }), demanding);
    expectCode(
      'ANNOTATION_MISMATCH',
      stating({ subject: [foreign, { digest: { sha256: hex } }] }),
      demanding,
    );
  });

  test('on one of two subjects that match: verified, and it is that one', () => {
    const subject = [
      { digest: { sha256: hex }, annotations: { env: 'dev' } },
      { digest: { sha256: hex }, annotations: { env: 'prod', at: 'second' } },
    ];
    assert.equal(expectVerified(stating({ subject }), demanding).annotations?.['at'], 'second');
  });

  test('not gathered from two subjects that match', () => {
    const both = signerOf([trusted(key)], { annotations: { a: '1', b: '2' } });
    const subject = [
      { digest: { sha256: hex }, annotations: { a: '1' } },
      { digest: { sha256: hex }, annotations: { b: '2' } },
    ];
    expectCode('ANNOTATION_MISMATCH', stating({ subject }), both);
  });

  test('a message signature has none', () => {
    expectCode('ANNOTATION_MISMATCH', bundleCandidate(key, { message: MANIFEST }), demanding);
  });

  test('asked only of a signature that holds', () => {
    expectCode('SIGNATURE_INVALID', bundleCandidate(other), demanding);
  });
});

test('signedIdentity is never met by a bundle, which names no repository', () => {
  const demanding = signerOf([trusted(key)], { signedIdentity: 'repository' });
  for (const candidate of [bundleCandidate(key), bundleCandidate(key, { message: MANIFEST })]) {
    assert.match(expectCode('IDENTITY_MISMATCH', candidate, demanding).message, /names no repository/);
  }
  expectCode('SIGNATURE_INVALID', bundleCandidate(other), demanding);
  expectVerified(legacyCandidate(key), demanding);
});

suite('message signatures', () => {
  test('over the manifest: verified, with no statement to speak of', () => {
    const evidence = expectVerified(bundleCandidate(key, { message: MANIFEST }), signer);
    assert.deepEqual(Object.keys(evidence), ['identity', 'keyFingerprint', 'algorithm', 'format']);
  });

  test('over another manifest: told by the hint, and without it by the signature', () => {
    const message = Buffer.from('another');
    expectCode('PAYLOAD_DIGEST_MISMATCH', bundleCandidate(key, { message }), signer);
    const lie = bundleCandidate(key, {
      message,
      edit: ({ messageSignature }) => {
        if (messageSignature)
          messageSignature.messageDigest.digest = Buffer.from(hex, 'hex').toString('base64');
      },
    });
    expectCode('SIGNATURE_INVALID', lie, signer);
    const silent = (over: Uint8Array) =>
      bundleCandidate(key, {
        message: over,
        edit: (bundle) => Reflect.deleteProperty(bundle.messageSignature ?? {}, 'messageDigest'),
      });
    expectCode('SIGNATURE_INVALID', silent(message), signer);
    expectVerified(silent(MANIFEST), signer);
  });

  test("a hint without algorithm, or by a hash that is not the digest's", () => {
    for (const algorithm of ['HASH_ALGORITHM_UNSPECIFIED', 'SHA2_384', 'SHA3_256']) {
      const edit = (bundle: { messageSignature?: { messageDigest: { algorithm: string } } }) => {
        if (bundle.messageSignature) bundle.messageSignature.messageDigest.algorithm = algorithm;
      };
      expectCode('ALGORITHM_UNSUPPORTED', bundleCandidate(key, { message: MANIFEST, edit }), signer);
    }
  });

  test('a signature over the statement is none over the manifest, and the reverse', () => {
    const text = bundleCandidate(key).bytes.toString();
    const { sig } = JSON.parse(text).dsseEnvelope.signatures[0];
    const swapped = bundleCandidate(key, {
      message: MANIFEST,
      edit: (bundle) => {
        if (bundle.messageSignature) bundle.messageSignature.signature = sig;
      },
    });
    expectCode('SIGNATURE_INVALID', swapped, signer);
  });
});

test('the hint of the key says nothing: neither for it nor against it', () => {
  const hinting = (hint: string) => (bundle: { verificationMaterial: object }) => {
    bundle.verificationMaterial = { publicKey: { hint } };
  };
  for (const hint of ['', 'x', '\u0000', key.fingerprint]) {
    expectVerified(bundleCandidate(key, { edit: hinting(hint) }), signer);
    expectCode('SIGNATURE_INVALID', bundleCandidate(other, { edit: hinting(hint) }), signer);
  }
});

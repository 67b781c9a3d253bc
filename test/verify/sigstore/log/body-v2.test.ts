// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseBody } from '../../../../src/verify/sigstore/log/body.ts';
import { demandBodyV2 } from '../../../../src/verify/sigstore/log/body-v2.ts';
import type { LoggedContent } from '../../../../src/verify/sigstore/logged-content.ts';
import { aMessage, anEnvelope, bodyV2Of, byCertificate, byKey } from '../../../support/logged-content.ts';

const mismatch = { code: 'LOG_ENTRY_MISMATCH' };
function demand(text: string, content: LoggedContent) {
  const body = Buffer.from(text);
  demandBodyV2(parseBody({ logId: '', logIndex: 0n, body }), body, content);
}

for (const [verifier, keyDetails, name] of [
  [byCertificate(), 'PKIX_ECDSA_P256_SHA_256', 'sha256'],
  [byKey('ec'), 'PKIX_ECDSA_P256_SHA_256', 'sha256'],
  [byKey('ec', 'P-384'), 'PKIX_ECDSA_P384_SHA_384', 'sha384'],
  [byKey('ec', 'P-384'), 'PKIX_ECDSA_P384_SHA_256', 'sha256'],
  [byKey('ec', 'P-521'), 'PKIX_ECDSA_P521_SHA_512', 'sha512'],
  [byKey('ec', 'P-521'), 'PKIX_ECDSA_P521_SHA_256', 'sha256'],
  [byKey('ed25519'), 'PKIX_ED25519_PH', 'sha512'],
  [byKey('ed25519'), 'PKIX_ED25519', 'sha512'],
  [byKey('rsa'), 'PKIX_RSA_PKCS1V15_2048_SHA256', 'sha256'],
  [byKey('rsa'), 'PKIX_RSA_PSS_2048_SHA256', 'sha256'],
] as const) {
  test(`a body with a ${verifier.kind} of ${keyDetails} is the one that is made anew`, () => {
    for (const content of [aMessage(verifier), anEnvelope(verifier)]) {
      demand(bodyV2Of(content, keyDetails, name), content);
    }
  });
}

suite('a body of Rekor v2', () => {
  const verifier = byCertificate();
  const content = aMessage(verifier);
  const good = bodyV2Of(content, 'PKIX_ECDSA_P256_SHA_256', 'sha256');

  for (const [name, text] of [
    [
      'another signature',
      bodyV2Of({ ...content, signature: Buffer.from('other') }, 'PKIX_ECDSA_P256_SHA_256', 'sha256'),
    ],
    [
      'another certificate',
      bodyV2Of({ ...content, verifier: byCertificate() }, 'PKIX_ECDSA_P256_SHA_256', 'sha256'),
    ],
    [
      'the key of the certificate',
      bodyV2Of(
        {
          ...content,
          verifier: {
            kind: 'key',
            key: verifier.key,
            spki: verifier.key.export({ type: 'spki', format: 'der' }),
          },
        },
        'PKIX_ECDSA_P256_SHA_256',
        'sha256',
      ),
    ],
    [
      'another digest',
      bodyV2Of({ ...content, digest: () => Buffer.alloc(32) }, 'PKIX_ECDSA_P256_SHA_256', 'sha256'),
    ],
    ['a digest that does not go with the key', bodyV2Of(content, 'PKIX_ECDSA_P256_SHA_256', 'sha512')],
    ['the name of another algorithm', good.replace('SHA2_256', 'SHA2_384')],
    ['details of another curve', bodyV2Of(content, 'PKIX_ECDSA_P384_SHA_384', 'sha384')],
    ['details of another kind of key', bodyV2Of(content, 'PKIX_ED25519_PH', 'sha512')],
    ['details that are a name of every object', bodyV2Of(content, 'constructor', 'sha256')],
    ['no details', good.replace('"keyDetails":"PKIX_ECDSA_P256_SHA_256",', '')],
    ['white space', good.replace(',', ', ')],
    ['a line end', `${good}\n`],
    ['one more field', good.replace('"spec":{', '"spec":{"x":1,')],
    [
      'fields in another order',
      good.replace(
        '"apiVersion":"0.0.2","kind":"hashedrekord"',
        '"kind":"hashedrekord","apiVersion":"0.0.2"',
      ),
    ],
    ['the version of Rekor v1', good.replace('"0.0.2"', '"0.0.1"')],
    ['dsse 0.0.2', good.replace('"kind":"hashedrekord"', '"kind":"dsse"')],
    ['no spec', '{"apiVersion":"0.0.2","kind":"hashedrekord"}'],
  ] as const) {
    test(`is refused with ${name}`, () => {
      assert.notEqual(text, good);
      assert.throws(() => demand(text, content), mismatch);
    });
  }

  test('is refused where the digest of the content is not known', () => {
    assert.throws(() => demand(good, { ...content, digest: () => undefined }), mismatch);
  });
});

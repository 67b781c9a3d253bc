// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCertificate } from '../../../../src/certificate/x509.ts';
import { CountersignError } from '../../../../src/errors.ts';
import { verifyChain } from '../../../../src/verify/sigstore/certificate/chain.ts';
import { readIdentity } from '../../../../src/verify/sigstore/certificate/read-identity.ts';
import { countScts } from '../../../../src/verify/sigstore/certificate/sct.ts';
import { makeAuthority, makeLeaf } from '../../../support/issue-certificates.ts';
import { authorityOf, rootWith, vectorLeaf, vectorRoot } from '../../../support/trust-root-vectors.ts';
import { skipWithoutVectors as skip } from '../../../support/vectors.ts';

/** Each copy with one bit of one byte the other way round. */
function* flipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const copy = Uint8Array.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ (1 << bit);
      yield copy;
    }
  }
}

test('a certificate with any bit changed is refused, with a code', () => {
  const root = makeAuthority('root');
  const trust = rootWith([authorityOf([root.certificate])]);
  for (const bytes of flipped(makeLeaf(root).certificate.der)) {
    assert.throws(() => verifyChain(parseCertificate(bytes), trust), CountersignError);
  }
});

test('whatever is read of a changed certificate, an error has a code', { skip }, () => {
  const logs = vectorRoot('local-sigstore', 'trusted-root.json').certificateLogs;
  const leaf = vectorLeaf('local-sigstore', 'github-keyless-sct.bundle.json');
  let read = 0;
  for (const bytes of flipped(leaf.der)) {
    try {
      const certificate = parseCertificate(bytes);
      readIdentity(certificate);
      countScts(certificate, leaf, logs);
      read += 1;
    } catch (error) {
      assert.ok(error instanceof CountersignError, String(error));
    }
  }
  assert.ok(read > 0, 'some changes do not show before the signature is looked at');
});

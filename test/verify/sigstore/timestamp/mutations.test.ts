// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VerificationError } from '../../../../src/errors.ts';
import { verifyTimestamp } from '../../../../src/verify/sigstore/timestamp/verify-timestamp.ts';
import type { TrustedTimestampAuthority } from '../../../../src/verify/trust-root.ts';
import { derMutants } from '../../../support/der-mutants.ts';
import { make, root, signed, signer, withLeaf, withoutLeaf } from '../../../support/timestamp-world.ts';

function acceptedMutants(token: Buffer, authority: TrustedTimestampAuthority): readonly string[] {
  const isAccepted = (der: Buffer) => {
    try {
      return verifyTimestamp(der, signed, [authority]) !== undefined;
    } catch (error) {
      assert.ok(error instanceof VerificationError && /^TIMESTAMP_/.test(error.code), `${error}`);
      return false;
    }
  };
  return derMutants(token).flatMap(({ name, der }) => (isAccepted(der) ? [name] : []));
}

/** Nobody signs these: the digests that the token announces, how one is written, and the certificates that come along. */
const ANNOUNCED = ['doubled 1.1.0.1.0', 'nulled 1.1.0.1.0.0', 'nulled 1.1.0.4.0.2.0'];
const CERTIFICATE_TWICE = 'doubled 1.1.0.3.0';
const NO_CERTIFICATES = ['dropped 1.1.0.3', 'emptied 1.1.0.3', 'dropped 1.1.0.3.0'];

test('no part of a timestamp can be left out, repeated or moved but those that nobody signs', () => {
  const bySigner = [...acceptedMutants(make(), withLeaf)].sort();
  assert.deepEqual(bySigner, [...ANNOUNCED, CERTIFICATE_TWICE, ...NO_CERTIFICATES].sort());
  const byIssuer = [...acceptedMutants(make(), withoutLeaf)].sort();
  assert.deepEqual(byIssuer, [...ANNOUNCED, CERTIFICATE_TWICE].sort());
});

test('what a token brings along beside the certificate of its signer is not looked at', () => {
  const token = make({ certificates: [signer.der, root.der] });
  const elsewhere = acceptedMutants(token, withLeaf).filter(
    (name) => !ANNOUNCED.includes(name) && !/ 1\.1\.0\.3\b/.test(name),
  );
  assert.deepEqual(elsewhere, []);
});

// SPDX-License-Identifier: Apache-2.0
import { describe, test } from 'node:test';
import { startTestRegistry } from '../../src/testing/index.ts';
import { holdPart, type Reason } from '../support/differential/page.ts';
import { judgeStored, judgeStoredByCosign } from '../support/differential/stored.ts';
import { storedCases } from '../support/differential/stored-cases.ts';
import { skipWithoutVectors } from '../support/vectors.ts';
import { skipWithout } from './tools.ts';

/** Why cosign says something else of an image, and of which. */
const REASONS: readonly Reason[] = [
  {
    title: 'What the certificate is for',
    text: 'As of bundles: a leaf without an extended key usage, one that is an authority, and one whose key may only sign certificates are taken there.',
    cases: /^(noEku|caLeaf|wrongKeyUsage): /,
  },
  {
    title: 'A certificate with two names',
    text: 'As of bundles: here a certificate names one subject.',
    cases: /^twoSans: /,
  },
  {
    title: 'A log entry of another signature',
    text: 'Of a `dsse` entry the payload and the certificate are compared there, and not the signature: the entry may be of another signature by the same key. Here it must be of the one that is verified.',
    cases: /^entryForOtherSignature: .*attestation layer$/,
  },
  {
    title: 'A timestamp beside an entry of Rekor v1',
    text: 'It is not looked at there without `--use-signed-timestamps`. Here what proves a time must hold, and the certificate must have been valid at every time that is proved.',
    cases:
      /^(lateTimestamp|timestampOverOther|foreignTsa|timestampBadSignature|timestampWrongDigest|timestampRefused|tsaWrongEku|tsaEkuNotCritical|timestampSha1): timestamp, /,
  },
  {
    title: 'An attestation is no signature',
    text: '`cosign verify` takes a bundle of any predicate type: whoever may attest a scan may sign. Here a signature is of type `https://sigstore.dev/cosign/sign/v1`, and what is attested counts where a rule demands `attestations`.',
    cases: /^an attestation for a signature, bundle$/,
  },
  {
    title: 'A bundle that signs the manifest itself',
    text: 'Only envelopes are taken there. A signature over the bytes of the manifest names the image as clearly.',
    cases: /^a bundle over the manifest$/,
  },
  {
    title: 'Two formats side by side',
    text: 'Legacy signatures are looked for there only where there is no bundle, so whoever can push a worthless bundle makes the image unverifiable. Here whatever verifies satisfies, wherever it is stored.',
    cases: /^both formats, one broken$/,
  },
  {
    title: 'The hash of a key',
    text: 'As of bundles: a key that is given by itself is taken there with SHA-256, and Ed25519 without a prehash; the entry of an Ed25519 key in Rekor v2 is made anew with another algorithm.',
    cases: /^(ecdsa-p384|ecdsa-p521|ed25519) key, (its own hash, signature layer|attestation bundle)$/,
  },
];

describe('of images, against the real cosign', { skip: skipWithout('cosign') || skipWithoutVectors }, () => {
  test('each difference has its reason, and stands in the page', async () => {
    const registry = await startTestRegistry();
    try {
      const part = { name: 'cosign-images', them: '`cosign`', reasons: REASONS };
      await holdPart(part, storedCases(registry), judgeStored, judgeStoredByCosign);
    } finally {
      await registry.close();
    }
  });
});

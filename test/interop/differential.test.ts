// SPDX-License-Identifier: Apache-2.0
import { describe, test } from 'node:test';
import { allCases } from '../support/differential/cases.ts';
import { startCosign } from '../support/differential/cosign.ts';
import { judgeOurs } from '../support/differential/ours.ts';
import { holdPart, type Reason } from '../support/differential/page.ts';
import { skipWithoutVectors } from '../support/vectors.ts';
import { skipWithout } from './tools.ts';

/** Why cosign says something else, and of what. */
const REASONS: readonly Reason[] = [
  {
    title: 'What the certificate is for',
    text: 'A certificate without an extended key usage, one that is an authority, and one whose key may only sign certificates are taken there: the library below looks for code signing where a purpose is said, and at nothing else. Here a leaf must be for signing code, and no authority.',
    cases: /^(noEku|caLeaf|wrongKeyUsage): /,
  },
  {
    title: 'A certificate with two names',
    text: 'The first name is taken there. Here a certificate names one subject, as those of Fulcio do.',
    cases: /^twoSans: /,
  },
  {
    title: 'What a bundle says of its log entry',
    text: 'The kind that the bundle gives of the entry is compared with itself there. Here it must be that of the body.',
    cases: /^wrongKindVersion: /,
  },
  {
    title: 'What is not needed to prove the inclusion',
    text: 'Of Rekor v2 the body is made anew there from what is signed, and the root hash of the proof is left unread for that of the checkpoint; the body and the root that came are ignored. Here all that came must agree.',
    cases: /^proofRootMismatch: .*, Rekor v2|^a body with a space behind it, Rekor v2/,
  },
  {
    title: 'When a log of Rekor v2 was trusted',
    text: 'Such an entry has no time of its own, and the window of its log is not looked at there. Here the time of the timestamp must lie in it.',
    cases: /^a log that was not trusted (any more|yet), Rekor v2/,
  },
  {
    title: 'A timestamp beside an entry of Rekor v1',
    text: 'It is not looked at there without `--use-signed-timestamps`. Here what proves a time must hold, and the certificate must have been valid at every time that is proved.',
    cases:
      /^(lateTimestamp|timestampOverOther|foreignTsa|timestampBadSignature|timestampWrongDigest|timestampRefused|tsaWrongEku|tsaEkuNotCritical|timestampSha1): certificate, Rekor v1, timestamp/,
  },
  {
    title: 'Entries without a promise',
    text: 'The time of a signature in Rekor v1 is taken there from the promise of the log, and from a timestamp only with `--use-signed-timestamps`. Here a timestamp proves it too, and the inclusion proof shows that the log has the entry.',
    cases: /^noPromise: certificate, Rekor v1, timestamp/,
  },
  {
    title: 'Other forms of base64',
    text: 'The alphabet for URLs, base64 without padding, and line ends (where the length with them is still that of padded base64) are taken there, as readers of ProtoJSON in Go do. No client writes them; here base64 has one form.',
    cases: /^text: base64 (for URLs|without padding|with four line ends), /,
  },
  {
    title: 'Kinds of subjects',
    text: 'A certificate with a DNS name has no subject there.',
    cases: /^identity: DNS name, /,
  },
  {
    title: 'Older bundles',
    text: 'For images, bundles are read there from v0.3 on. The older ones prove the same.',
    cases:
      /^(bundle v0\.1|bundle v0\.2|bundle v0\.2, Rekor v2|Rekor v1 without an inclusion proof, bundle v0\.1), statement$/,
  },
  {
    title: 'The hash of a key',
    text: 'Of a key that is given by itself the signature is verified over SHA-256 there, and by Ed25519 without a prehash, though the same program signs with P-384 over SHA-384, with P-521 over SHA-512 and with Ed25519ph. Here the registered algorithms of the kind of key are.',
    cases: /^ecdsa-p(384|521) key, |^ed25519 key, .*, message$/,
  },
  {
    title: 'Algorithms of Rekor v2',
    text: 'The body of the entry is made anew there with the usual algorithm of the key, so that an entry that names another one is not found in the tree. Here the body is read: it is what the log took in.',
    cases:
      /^ed25519 (certified|key), Rekor v2, statement$|^ecdsa-p(384|521) certified with sha256, Rekor v2, /,
  },
  {
    title: 'An entry of Rekor’s first kind',
    text: '`rekord` is read there in annotations of legacy signatures, and not in bundles. It names signature, key and digest all the same, and all of it is compared here.',
    cases: /^logged as rekord 0\.0\.1, message$/,
  },
  {
    title: 'An entry of Rekor v1 below a checkpoint like those of v2',
    text: 'Below such a checkpoint this version makes the body anew as Rekor v2 does, and does not find it in the tree. A case of the conformance suite has an entry of v1 there. Here each body is compared by its own kind, and each checkpoint by its own form, unless the log is known for one of v2 by its id, as those with an Ed25519 key are.',
    cases: /^logged as dsse 0\.0\.1 in Rekor v2 with a P-256 key, statement$/,
  },
];

describe('against the real cosign', { skip: skipWithout('cosign') || skipWithoutVectors }, () => {
  test('each difference has its reason, and stands in the page', async () => {
    const cosign = await startCosign();
    try {
      const part = { name: 'cosign', them: '`cosign`', reasons: REASONS };
      await holdPart(part, allCases(), judgeOurs, cosign.judge);
    } finally {
      await cosign.close();
    }
  });
});

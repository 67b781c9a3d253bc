// SPDX-License-Identifier: Apache-2.0
import { suite, test } from 'node:test';
import { allCases } from '../../support/differential/cases.ts';
import { judgeOurs } from '../../support/differential/ours.ts';
import { holdPart, type Reason } from '../../support/differential/page.ts';
import { judgeSigstoreJs } from '../../support/differential/sigstore-js.ts';
import { skipWithoutVectors as skip } from '../../support/vectors.ts';

/** Why @sigstore/verify says something else, and of what. */
const REASONS: readonly Reason[] = [
  {
    title: 'Who is wanted is a pattern there',
    text: 'The wanted identity is matched as a regular expression anywhere in the subject: `https://github.com/acme` is satisfied by `https://github.com/acme-evil/…`, a dot by any character, and nothing at all by everybody. Here it is compared whole.',
    cases:
      /^(unanchored|the (beginning|end) of the subject|a dot is wanted|nobody is wanted|a pattern is wanted)/,
  },
  {
    title: 'A key is wanted, a certificate signed',
    text: 'Which of the two is looked at is decided there by the bundle: the key that the caller trusts is never asked for. Here a signer that is a key takes no certificate.',
    cases: /^another key is wanted/,
  },
  {
    title: 'What the certificate is for',
    text: 'Extended key usage, key usage, the authority bit of a leaf and critical extensions that nobody knows are not looked at there. Here the certificate must be one for signing code and no authority, and all that is critical in it must be understood (RFC 5280 §4.2).',
    cases: /^(wrongEku|noEku|caLeaf|wrongKeyUsage|unknownCriticalExtension): /,
  },
  {
    title: 'A certificate with two names',
    text: 'The first name is taken there, and the second stays unseen. Here a certificate names one subject, as those of Fulcio do.',
    cases: /^twoSans: /,
  },
  {
    title: 'A log entry that names another certificate',
    text: 'Signature and digest of the entry are compared there, whose they are is not. Here the entry must name the certificate or key that verifies the signature.',
    cases: /^entryForOtherCertificate: /,
  },
  {
    title: 'What stands beside an inclusion proof',
    text: 'The root hash that the proof itself names, and the origin of a checkpoint of Rekor v2, are not compared there. Here all that is said of a tree must agree.',
    cases: /^(proofRootMismatch|checkpointOfOtherOrigin): /,
  },
  {
    title: 'A timestamp that the authority refused',
    text: 'The status of the answer is not read there. Here only a granted request is a timestamp (RFC 3161 §2.4.2).',
    cases: /^timestampRefused: certificate, /,
  },
  {
    title: 'A hash that no algorithm of the key has',
    text: 'The hash is taken there from the digest that stands in the bundle, so who writes the bundle chooses it. Here a kind of key has the hashes that Sigstore registers for it.',
    cases:
      /^(ecdsa-p256|ecdsa-p384|ecdsa-p521|rsa-2048) (certified|key) with (sha384|sha512), (no log|Rekor v1), message$|^rsa-2048 certified with sha512, Rekor v2, message$/,
  },
  {
    title: 'A digest that is not that of the message',
    text: 'The digest that a bundle says of its message is not compared there where no log has it. Here it must be right wherever it stands (sigstore_bundle.proto, `MessageSignature`).',
    cases: /^tamperedContent: key, Rekor none, timestamp, message$/,
  },
  {
    title: 'An entry of a kind that does not hold for the content',
    text: 'Here an envelope is a `dsse` or `intoto` entry in Rekor v1 and a `hashedrekord` 0.0.2 in Rekor v2, as the specification of clients has it.',
    cases: /^logged as (hashedrekord 0\.0\.1|dsse 0\.0\.1 in Rekor v2), statement$/,
  },
  {
    title: 'When a log of Rekor v2 was trusted',
    text: 'Such an entry has no time of its own, and the window of its log is not looked at there. Here the time of the timestamp must lie in it.',
    cases: /^a log that was not trusted (any more|yet), Rekor v2/,
  },
  {
    title: 'What a statement is about',
    text: 'The payload of an envelope is left to the caller there. Here it must be an in-toto statement that names the digest.',
    cases:
      /^(a statement about another artifact|a payload of another type|a payload that is no JSON|a statement without subjects), /,
  },
  {
    title: 'Bundles and trust roots that are not of a known form',
    text: 'Unknown versions and members are passed over there. Here what is not understood is refused: the next version may say something with it that matters. A trust root must say from when a log is trusted.',
    cases:
      /^(an unknown media type|an unknown member|an unknown member of an entry|a media type that nobody knows|a log without a start), /,
  },
  {
    title: 'JSON that can be read in two ways',
    text: 'A member that is there twice, a number with a sign, base64 with line ends, of other alphabets, without padding or with characters that are none: there the last member counts, and what is no base64 is skipped. Here each thing is written in one way, so that two readers never see two bundles.',
    cases: /^text: (both names of a member|a member twice|a text of digits with a sign|base64 )/,
  },
  {
    title: 'Names as in the protobuf',
    text: 'Readers of ProtoJSON take `verification_material` for `verificationMaterial`, cosign too.',
    cases: /^text: names as in the protobuf, /,
  },
  {
    title: 'Kinds of subjects',
    text: 'Only URIs and e-mail addresses are read there; a subject that is a DNS name or an otherName of Fulcio can be wanted by nobody.',
    cases: /^identity: (DNS name|otherName), /,
  },
  {
    title: 'An identity that is no pattern for itself',
    text: 'As a regular expression `dev+ci@acme.example` does not match the very address. Here it is compared whole.',
    cases: /^identity: e-mail with a plus, /,
  },
  {
    title: 'Algorithms of today',
    text: 'Envelopes are verified there with SHA-256 only, whatever the curve, and messages by Ed25519 keys without the prehash that Sigstore signs with (Ed25519ph). Both are algorithms of Sigstore’s registry, the signature is verified in full, and a policy says which keys it trusts.',
    cases:
      /^ecdsa-p(384|521) (certified|key), [^,]+(, a timestamp)?, statement$|^ed25519 (certified|key), Rekor v2, statement$|^ed25519 (certified|key), .*, message$/,
  },
  {
    title: 'A log whose checkpoints have another name',
    text: 'The name in the line of the signature must be a part of the address there. This log called itself by its host inside a cluster. Here its key decides, which the id of the entry and the hint of the line name.',
    cases: /^real: othername$/,
  },
  {
    title: 'A message that is known by its digest alone',
    text: 'There the bytes are needed. ECDSA signs a digest, so here `sha256:…` does.',
    cases: /^real: public-key-validity$/,
  },
  {
    title: 'An entry of Rekor’s first kind',
    text: '`rekord` was logged before `hashedrekord` was there. It names signature, key and digest all the same, and all of it is compared here.',
    cases: /^logged as rekord 0\.0\.1, message$/,
  },
  {
    title: 'A log with an RSA key',
    text: 'Its key is read there as PKCS #1, though trust roots say PKIX. The signatures of the log are verified here as any others.',
    cases: /^a log of Rekor v2 with an RSA key, /,
  },
  {
    title: 'A timestamp that proves nothing, beside a key',
    text: 'Nothing signs that a timestamp is there: whoever can spoil it can leave it away, and without it both accept. A key needs no proof of a time. A policy that demands `timestamps: 1` rejects all of these.',
    cases:
      /^(timestampOverOther|foreignTsa|timestampBadSignature|timestampWrongDigest|tsaWrongEku|tsaEkuNotCritical|timestampSha1): key, Rekor none, timestamp/,
  },
  {
    title: 'A signature that one log has twice',
    text: 'Two true entries are an error there. Here they count as one log, which is all that is demanded; where two are, they are not enough.',
    cases: /^the same log twice, /,
  },
];

suite('against @sigstore/verify', { skip }, () => {
  test('each difference has its reason, and stands in the page', async () => {
    const part = { name: 'sigstore-js', them: '`@sigstore/verify`', reasons: REASONS };
    await holdPart(part, allCases(), judgeOurs, judgeSigstoreJs);
  });
});

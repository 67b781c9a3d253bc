// SPDX-License-Identifier: Apache-2.0
import type { Trait } from '../../support/accepted-vectors.ts';

/** What may be changed in signed material that verifies, and verifies still. */
export type Malleable = {
  /** The names on the way to it; `*` stands for one name, `**` for any, or none, at the end. */
  readonly field: string;
  /** In which ways; without it in all of them. */
  readonly ways?: readonly string[];
  /** Of which vectors: those that have all of these traits; without it of all. */
  readonly of?: readonly Trait[];
  /** One proof of the time among several may go with it: the evidence then names fewer times, and no other. */
  readonly fewerTimes?: true;
  readonly reason: string;
};

const MATERIAL = 'verificationMaterial';
const ENTRY = `${MATERIAL}/tlogEntries/*`;
const CHECKPOINT = `${ENTRY}/inclusionProof/checkpoint/envelope`;
const TIMESTAMPS = `${MATERIAL}/timestampVerificationData`;
const TOKEN = `${TIMESTAMPS}/rfc3161Timestamps/*/signedTimestamp/(der)/1/1/0`;
const LAYER = 'annotations/dev.sigstore.cosign';
const ABSENT = ['dropped', 'null'];
const NOTHING = [...ABSENT, '{}', '[]', 'an empty text'];

const OTHER_ROOT = ['other-root'];
const ECDSA = 'every ECDSA signature has a second form, with n - s; signers are counted, not signatures';

const IN_OTHER_WORDS: readonly Malleable[] = [
  { field: '(json)', ways: ['white space', 'reordered'], reason: 'JSON: neither is a part of what it says' },
  {
    field: `${LAYER}/bundle/(json)`,
    ways: ['white space', 'reordered'],
    reason: 'the same, in an annotation',
  },
  { field: '**', ways: ['renamed snake'], reason: 'ProtoJSON: a field has its original name as well' },
  { field: `${ENTRY}/logIndex`, ways: ['0', '1'], reason: 'ProtoJSON: a number, written as a number' },
  {
    field: `${ENTRY}/inclusionProof/logIndex`,
    ways: ['0', '1', 'minus', ...ABSENT],
    reason: 'the same, and what is 0 may be left out, or be -0',
  },
  { field: `${ENTRY}/inclusionProof/treeSize`, ways: ['1'], reason: 'the same' },
  {
    field: `${ENTRY}/inclusionProof/hashes`,
    ways: ABSENT,
    reason: 'the same of a path without hashes, in a tree of one',
  },
  {
    field: 'messageSignature/messageDigest/algorithm',
    ways: ['1'],
    reason: 'ProtoJSON: an enum, by its number',
  },
];

const HINTS: readonly Malleable[] = [
  { field: `${MATERIAL}/publicKey`, ways: ['{}'], reason: 'all that is in it is the hint' },
  {
    field: `${MATERIAL}/publicKey/hint/**`,
    reason: 'which key it was is said by the policy: each of its keys is tried',
  },
  { field: 'dsseEnvelope/signatures/*/keyid', reason: 'DSSE: a hint that nobody may believe' },
  {
    field: 'messageSignature/messageDigest',
    ways: ABSENT,
    reason: 'a hint that must agree where it is there; the signature is over the artifact',
  },
  {
    field: 'mediaType',
    ways: ['version 0.1', 'version 0.2', 'version 0.3'],
    reason: 'the versions differ in what must be there, and what is there meets several of them',
  },
];

const LOGS: readonly Malleable[] = [
  {
    field: ENTRY,
    ways: ['dropped', 'swapped'],
    of: ['several logs'],
    fewerTimes: true,
    reason: 'one is demanded, and another is there',
  },
  {
    field: `${ENTRY}/logId/**`,
    of: ['several logs'],
    fewerTimes: true,
    reason: "the same: an entry of a log that nobody knows is nobody's word",
  },
  {
    field: `${CHECKPOINT}/signatures`,
    ways: ['another before', 'another behind'],
    of: ['Rekor v2'],
    reason: 'Rekor v2: witnesses may sign as well, and none of them is known here',
  },
  {
    field: `${CHECKPOINT}/signatures/*`,
    ways: ['doubled', 'swapped'],
    reason: 'whoever signed signed: their order and number say nothing',
  },
  {
    field: `${CHECKPOINT}/signatures/1/**`,
    of: ['Rekor v2'],
    reason: "Rekor v2: a witness's line behind that of the log",
  },
  {
    field: `${ENTRY}/inclusionPromise/signedEntryTimestamp/(der)/1`,
    ways: OTHER_ROOT,
    reason: ECDSA,
  },
  {
    field: `${ENTRY}/inclusionProof`,
    ways: [...ABSENT, '{}'],
    of: ['v0.1'],
    reason: 'v0.1 asks for a promise only; what is there must hold',
  },
  {
    field: `${ENTRY}/inclusionProof/checkpoint`,
    ways: NOTHING,
    of: ['v0.1'],
    reason: 'in v0.1 a proof without a checkpoint is as good as none',
  },
  {
    field: CHECKPOINT,
    ways: NOTHING,
    of: ['v0.1'],
    reason: 'the same',
  },
  {
    field: `${ENTRY}/inclusionPromise/**`,
    ways: NOTHING,
    of: ['key'],
    fewerTimes: true,
    reason: 'a proof shows the entry as well, and keys need no time',
  },
];

const TIMES: readonly Malleable[] = [
  { field: TIMESTAMPS, ways: NOTHING, reason: 'a list of none, and no list' },
  { field: `${TIMESTAMPS}/rfc3161Timestamps`, ways: NOTHING, reason: 'the same' },
  {
    field: `${TIMESTAMPS}/**`,
    of: ['several times'],
    fewerTimes: true,
    reason: 'another one proves the time; a timestamp that does not hold is as good as none',
  },
  {
    field: `${LAYER}/rfc3161timestamp/**`,
    of: ['several times'],
    fewerTimes: true,
    reason: 'the same in an annotation',
  },
  {
    field: `${ENTRY}/inclusionPromise/**`,
    ways: NOTHING,
    of: ['several times'],
    fewerTimes: true,
    reason: 'the proof shows the entry, and a timestamp the time',
  },
  {
    field: `${TIMESTAMPS}/rfc3161Timestamps/*/signedTimestamp/(der)/0/0`,
    ways: ['flipped'],
    reason: 'RFC 3161: granted with modifications is granted; what it was granted for is signed',
  },
  {
    field: `${TIMESTAMPS}/**`,
    of: ['key'],
    fewerTimes: true,
    reason: 'keys need no time unless the policy demands one',
  },
  {
    field: `${TOKEN}/1/**`,
    ways: ['doubled', 'nulled'],
    reason: 'CMS: the digest algorithms that are announced, with or without NULL',
  },
  {
    field: `${TOKEN}/3/**`,
    reason: "the certificates that come along: the authority's own is in the trust root",
  },
  { field: `${TOKEN}/4/0/2/0`, ways: ['nulled'], reason: 'CMS: a digest algorithm, with or without NULL' },
];

const ROOTS: readonly Malleable[] = [
  {
    field: 'dsseEnvelope/signatures/*/sig/(der)/1',
    ways: OTHER_ROOT,
    of: ['key'],
    reason: `${ECDSA}; in a log it is one`,
  },
  { field: `${TOKEN}/4/0/5/0/1`, ways: OTHER_ROOT, reason: ECDSA },
  { field: `${LAYER}/bundle/SignedEntryTimestamp/(der)/1`, ways: OTHER_ROOT, reason: ECDSA },
];

const CHAINS: readonly Malleable[] = [
  {
    field: `${MATERIAL}/x509CertificateChain/certificates/*`,
    ways: ['dropped', 'doubled', 'swapped'],
    reason: 'what comes along behind the leaf is not believed: the trust root has the intermediate',
  },
  { field: `${MATERIAL}/x509CertificateChain/certificates/1/**`, reason: 'the same' },
  { field: `${MATERIAL}/x509CertificateChain/certificates/2/**`, reason: 'the same' },
  { field: `${LAYER}/chain/**`, reason: 'the same' },
];

const LAYERS: readonly Malleable[] = [
  { field: 'annotations/(more)', reason: 'annotations of others may stand beside ours' },
  { field: 'annotations/predicateType', reason: 'a label for people: the statement says it' },
  {
    field: 'annotations/dev.cosignproject.cosign/signature',
    reason: 'empty in an attestation, whose envelope has the signature',
  },
  { field: `${LAYER}/bundle/(more)`, reason: 'cosign leaves fields that it does not know alone' },
  { field: `${LAYER}/bundle/Payload/(more)`, reason: 'the same: the promise is over four fields' },
  {
    field: `${LAYER}/certificate/(pem)`,
    reason: 'RFC 7468: line ends and words around it are no part of a certificate',
  },
];

/** Every field that may be changed without a refusal, each with its reason. What is not here must be refused; what is here and never shows fails. */
export const MALLEABLE_FIELDS: readonly Malleable[] = [
  ...IN_OTHER_WORDS,
  ...HINTS,
  ...LOGS,
  ...TIMES,
  ...ROOTS,
  ...CHAINS,
  ...LAYERS,
];

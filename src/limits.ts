// SPDX-License-Identifier: Apache-2.0
import { CREDENTIAL_LIMITS } from './limits/credentials.ts';
import { POLICY_LIMITS } from './limits/policy.ts';
import { SIGNATURE_LIMITS } from './limits/signature.ts';
import { TRUST_LIMITS } from './limits/trust.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** Every bound there is. Past one the answer is a code of its own, never "nothing found". */
export const LIMITS = {
  /** An AdmissionReview: etcd takes objects up to 1.5 MiB, a review holds two and the options. */
  reviewBytes: 8 * MiB,
  /** JSON of a review: nesting (Kubernetes objects have some 20 levels), and values in all: two objects of 2.4 MiB with 12 bytes a value. */
  reviewDepth: 128,
  reviewValues: 400_000,
  /** Image strings in one object; a Pod of 250 containers is the largest seen, with room to spare. */
  imagesPerReview: 1000,
  /** Characters of the uid of a review, which is echoed; a real one is a UUID of 36. */
  reviewUidLength: 256,
  /** Characters of any other name in a review (group, kind, namespace, user): they go into log lines. */
  reviewNameLength: 1024,
  /**
   * Bytes of all reviews under way together, as text while they come in and as objects after that. Small ones
   * may take as much again, so that a few large ones do not shut them out. A Pod with 512 MiB has a heap of 256.
   */
  reviewBytesUnderWay: 64 * MiB,
  smallReviewBytes: 64 * KiB,
  /** The same, and in number, of callers who are not proven: anybody in the cluster, and none of them an API server. */
  unprovenReviewBytesUnderWay: 8 * MiB,
  unprovenReviewsUnderWay: 256,
  /** What `JSON.parse` makes, in bytes: of one value (a name of its own is most of it), of one byte (a `[`). Measured, rounded up. */
  jsonValueBytes: 128,
  jsonBytesPerByte: 32,
  /** Reviews under way together, whatever their size: one connection can send many without waiting for answers. */
  reviewsUnderWay: 2048,
  /**
   * Reviews that wait for registries, together and of one namespace. Each holds one of the 600 places that an API server
   * has for requests by default: one namespace must not hold those of a whole cluster for the length of a timeout.
   */
  reviewsWaiting: 512,
  reviewsWaitingPerNamespace: 128,
  /** Facts that one review waits for at a time: both stores of 16 images; a Pod with more asks for them after these. */
  waitsPerReview: 32,
  /** Connections to one listener: a few API servers keep some tens each. */
  connections: 2048,
  /** Of one address: three API servers behind one, each with the 200 writes at a time that it allows by default. */
  connectionsPerAddress: 640,
  /** One request header block to the server. */
  requestHeaderBytes: 16 * KiB,
  /** Milliseconds until a client has finished the TLS handshake, sent its headers, sent its whole request. */
  handshakeMs: 5_000,
  requestHeadersMs: 10_000,
  requestMs: 30_000,
  /** Milliseconds an idle connection is kept: longer than the 90 s of Go clients, so that they are the ones to close. */
  keepAliveMs: 120_000,
  /** Milliseconds that answers under way get when the server stops: the longest timeout of a webhook. */
  finishMs: 30_000,
  /** Bytes of log lines that nobody has taken yet; past it lines are dropped. */
  logBytes: 16 * MiB,
  /** Milliseconds of a review's deadline where the URL names none, and the range Kubernetes allows. */
  reviewTimeoutMs: { least: 1_000, absent: 10_000, most: 30_000 },
  /** Characters of the message of a denial: it lands in events, logs and terminals. */
  denialMessageLength: 8 * KiB,
  /** Characters of one warning, and of all of one answer: the API server cuts or drops what is longer. */
  warningLength: 256,
  warningsLength: 4096,
  /** Characters of one audit annotation. */
  auditValueLength: 1 * KiB,
  /** Images in one log line; the report has them all. */
  imagesPerLogLine: 64,
  /** Characters of an image reference: host 255, repository 255, tag 128, digest 135, separators. */
  referenceLength: 1024,

  /** JSON of an answer: values in all; 1,000 layers of signatures have some 12,000, the longest page of tags 100,000. */
  answerValues: 200_000,
  /** A manifest or index; the distribution specification asks registries to take 4 MiB. */
  manifestBytes: 4 * MiB,
  /** Layers of a signature manifest (GHSA-88jx-383q-w4qc: cosign has the same bound). */
  signatureLayers: 1000,
  /** One simple-signing payload; real ones are under 1 KiB, with many annotations a few. */
  payloadBytes: 64 * KiB,
  /** One Sigstore bundle: the largest statement in base64, and what verifies it. */
  bundleBytes: 12 * MiB,
  /** One layer of legacy attestations: a DSSE envelope. */
  envelopeBytes: 12 * MiB,
  /** Past this a bundle can be no signature: its statement would be larger than one may be. */
  signatureBundleBytes: 2 * MiB,
  /** Candidates of one image over both stores. */
  candidates: 1024,
  /** Bytes read from one store for one image: lists, manifests and candidates together. */
  candidateBytes: 64 * MiB,
  /** One manifest that refers to an image; those of signatures have some KiB. */
  referrerManifestBytes: 256 * KiB,
  /** Bytes that all discoveries and verifications under way hold together: beside the remembered facts, what 512 MiB can hold. */
  discoveryBytesUnderWay: 96 * MiB,
  /** Manifests that one index lists; the largest seen have some 60, attestations counted in. */
  indexEntries: 1024,
  /** Where a rule says platforms: every: manifests read below an index, and indexes one inside the other. Official images have some 10, and never nest. */
  platforms: 64,
  indexDepth: 4,
  /** Images of one index of which signatures are looked for at once: each has requests of its own. */
  platformsAtOnce: 4,
  /** What counts of a byte of a manifest or list: it is there as its pieces, as a whole, and as text or objects. */
  manifestCopies: 3,
  /** Past it a discovery of so few bytes goes on, into a reserve: a few large ones must not shut the others out. */
  smallDiscoveryBytes: 64 * KiB,
  smallDiscoveriesReserve: 32 * MiB,
  /** Descriptors over all pages of a referrers list. */
  referrers: 1024,
  /** Pages of a referrers or tags list. */
  pages: 32,
  /** Tags over all pages of a tags list. */
  tags: 100_000,
  /** Answers of a token server. */
  tokenBytes: 64 * KiB,
  /** Bodies of error answers: read only to name the registry's error code. */
  errorBodyBytes: 16 * KiB,
  /** Characters of a URL in a header of a registry; a signed one has some 2,000. */
  urlLength: 8 * KiB,
  /** One response header block. */
  headerBytes: 64 * KiB,
  /** Redirects of one request. */
  redirects: 5,
  /** Attempts of one request, the first included. */
  attempts: 3,
  /** Milliseconds before the second attempt at most; doubled before the third. */
  retryMs: 200,
  /** Milliseconds that a mirror which could not be asked is asked after the origin, so that one that is down costs no request its time. */
  mirrorRestMs: 30_000,
  /** Milliseconds of a wait between attempts; a server that asks for a longer one is not asked again. */
  longestWaitMs: 60_000,
  /** Requests of one image under way at once. */
  requestsPerImage: 8,
  /** Connections to one origin: half of them for one namespace, so that its slow answers leave room for others. */
  connectionsPerOrigin: 64,
  /** Connections to all of them that are used, open ones past which none is kept, names looked up at a time (by 16 threads of `serve`). Half of each for one namespace. */
  connectionsInAll: 512,
  connectionsKept: 256,
  lookups: 8,
  /** Milliseconds that an idle connection to a registry is kept, where the registry does not say less. */
  registryKeepAliveMs: 30_000,
  /** Milliseconds until a connection must stand; through a proxy until the tunnel does, and again for TLS in it. */
  connectMs: 5_000,
  /** Milliseconds of one request without an answer or a byte of body. */
  idleMs: 10_000,

  /** One object of the API server: etcd takes 1.5 MiB, as JSON it can be longer. One page of a list. */
  kubernetesObjectBytes: 4 * MiB,
  kubernetesListBytes: 32 * MiB,
  /** Objects of one collection; a cluster has some 10,000 namespaces at most. */
  kubernetesItems: 100_000,
  /** Labels of one Namespace; etcd takes some 100,000, and whoever may write those of many could fill the memory. */
  namespaceLabels: 1_000,
  /** Seconds that one watch lasts at most: each is resumed where it ended. */
  watchSeconds: 300,
  /** Milliseconds of a watch without a byte: API servers send a bookmark each minute, so the connection is dead. */
  watchIdleMs: 150_000,

  ...SIGNATURE_LIMITS,
  ...TRUST_LIMITS,
  ...POLICY_LIMITS,
  ...CREDENTIAL_LIMITS,
  /** JSON of answers, payloads, bundles and statements: nesting. Of the last three: values in all (an SBOM of 10 MiB has some 300,000). */
  jsonDepth: 64,
  jsonValues: 500_000,

  /** Milliseconds that found signatures are believed; a verdict other than verified asks again sooner. */
  candidateFactMs: 300_000,
  /** Milliseconds that "nothing found", or found and not enough, is believed: sign-after-deploy within seconds. */
  recheckMs: 3_000,
  /** Repositories known to lack the referrers API, and for how long that is believed. */
  referrersSupportFacts: 20_000,
  referrersSupportMs: 600_000,
  /** Milliseconds of all verifications together between two looks at the deadlines and at other requests. */
  turnMs: 10,
  /** Image references kept parsed: as many as a cluster has, and with the longest texts 10 MiB. */
  knownReferences: 10_000,
  /** Tag facts, candidate facts: entries. 10,000 images must stay, with their tags. */
  tagFacts: 20_000,
  candidateFacts: 20_000,
  /** Facts about which images an index holds, their bytes in all, and what one such image counts: measured, rounded up. */
  platformFacts: 10_000,
  platformFactsBytes: 16 * MiB,
  platformFactBytes: 512,
  /** Bytes that all candidate facts together may hold. */
  candidateFactsBytes: 128 * MiB,
  tagFactsBytes: 32 * MiB,
  /** Templates whose tags are remembered for their Pods, the bytes of all of it, and milliseconds that one answer is believed. */
  childOwners: 20_000,
  childFactsBytes: 32 * MiB,
  childFactMs: 3_600_000,
  /** What a remembered object costs beside its bytes: measured, rounded up. */
  factOverheadBytes: 1408,
  /** Tokens of registries, and their characters in all. */
  tokens: 10_000,
  tokensBytes: 16 * MiB,
} as const;

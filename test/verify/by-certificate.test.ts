// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Code } from '../../src/errors.ts';
import type { KeylessSigner } from '../../src/policy/index.ts';
import {
  createTestSigstore,
  defectsFor,
  githubIdentity,
  type KeylessOptions,
  makeLegacyPayload,
  makeStatement,
  type SigstoreDefect,
  type TrustedRootJson,
} from '../../src/testing/index.ts';
import type { Candidate } from '../../src/verify/index.ts';
import { parseTrustRoot, verifyAttestation, verifyCandidate } from '../../src/verify/index.ts';
import { keylessSigner, trustIn } from '../support/keyless-trust.ts';
import { IMAGE, MANIFEST } from '../support/verification.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const LATER = Date.UTC(2027, 0, 1);
const sigstore = createTestSigstore({ now: NOW });
const trust = trustIn(sigstore);
const identity = githubIdentity('acme/web');
const { issuer, subject } = identity as { issuer: string; subject: string };
const signer = keylessSigner(issuer, subject);
const PROVENANCE = 'https://slsa.dev/provenance/v1';

/** A signature of the image in each format, as discovery hands it over. */
const FORMATS: Readonly<Record<string, (options: KeylessOptions) => Candidate>> = {
  'statement in a bundle': (options) =>
    bundle(sigstore.signBundle({ identity, ...options, content: { statement: makeStatement(IMAGE) } })),
  'message in a bundle': (options) =>
    bundle(sigstore.signBundle({ identity, ...options, content: { message: MANIFEST } })),
  'legacy layer': (options) => {
    const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
    return layer('simple-signing', sigstore.signLegacyLayer({ identity, ...options, payload }));
  },
};

const ATTESTATIONS: Readonly<Record<string, (options: KeylessOptions) => Candidate>> = {
  'attestation in a bundle': (options) =>
    bundle(sigstore.signBundle({ identity, ...options, content: { statement: provenance() } })),
  'legacy attestation': (options) =>
    layer('envelope', sigstore.signLegacyAttestation({ identity, ...options, statement: provenance() })),
};

function provenance() {
  return makeStatement({ digest: IMAGE.digest, predicateType: PROVENANCE, predicate: { n: 1 } });
}

function bundle(bytes: Uint8Array): Candidate {
  return { kind: 'bundle', id: 'bundle', storage: 'referrer', bytes };
}

function layer(
  kind: 'simple-signing' | 'envelope',
  { payload, descriptor }: ReturnType<typeof sigstore.signLegacyLayer>,
): Candidate {
  return { kind, id: 'layer', storage: 'tag', payload, annotations: descriptor.annotations };
}

function outcomeOf(candidate: Candidate, as: KeylessSigner = signer, roots = trust) {
  return verifyCandidate(candidate, as, IMAGE, LATER, roots);
}

/** Why each defect is refused, where that is not the same for all formats. */
const CODES: Readonly<Record<SigstoreDefect, readonly Code[]>> = {
  wrongEku: ['CERTIFICATE_UNTRUSTED'],
  noEku: ['CERTIFICATE_UNTRUSTED'],
  caLeaf: ['CERTIFICATE_UNTRUSTED'],
  wrongKeyUsage: ['CERTIFICATE_UNTRUSTED'],
  expiredLeaf: ['CERTIFICATE_NOT_VALID_THEN'],
  futureLeaf: ['CERTIFICATE_NOT_VALID_THEN'],
  foreignCa: ['CERTIFICATE_UNTRUSTED'],
  forgedCa: ['CERTIFICATE_UNTRUSTED'],
  noSct: ['SCT_INVALID'],
  foreignSct: ['SCT_INVALID'],
  badSct: ['SCT_INVALID'],
  sctForOtherCertificate: ['SCT_INVALID'],
  twoSans: ['CERTIFICATE_MALFORMED'],
  noSan: ['CERTIFICATE_MALFORMED'],
  unknownCriticalExtension: ['CERTIFICATE_UNTRUSTED'],
  badSignature: ['SIGNATURE_INVALID'],
  otherKey: ['SIGNATURE_INVALID', 'LOG_ENTRY_MISMATCH'],
  tamperedContent: [
    'SIGNATURE_INVALID',
    'LOG_ENTRY_MISMATCH',
    'PAYLOAD_DIGEST_MISMATCH',
    'PAYLOAD_MALFORMED',
  ],
  noEntry: ['LOG_ENTRY_MISSING'],
  foreignLog: ['LOG_ENTRY_MISSING'],
  forgedLog: ['LOG_ENTRY_INVALID'],
  entryForOtherSignature: ['LOG_ENTRY_MISMATCH'],
  entryForOtherCertificate: ['LOG_ENTRY_MISMATCH'],
  entryForOtherDigest: ['LOG_ENTRY_MISMATCH'],
  swappedEntry: ['LOG_ENTRY_MISMATCH'],
  noProof: ['BUNDLE_MALFORMED'],
  badProof: ['LOG_ENTRY_INVALID'],
  proofOfOtherEntry: ['LOG_ENTRY_INVALID'],
  badCheckpointSignature: ['LOG_ENTRY_INVALID'],
  checkpointOfOtherTree: ['LOG_ENTRY_INVALID'],
  proofRootMismatch: ['LOG_ENTRY_INVALID'],
  wrongKindVersion: ['LOG_ENTRY_MISMATCH'],
  entryTwice: ['BUNDLE_MALFORMED'],
  checkpointOfOtherOrigin: ['LOG_ENTRY_INVALID'],
  lateEntry: ['CERTIFICATE_NOT_VALID_THEN'],
  noPromise: ['TIME_UNPROVEN', 'LOG_ENTRY_INVALID'],
  badPromise: ['LOG_ENTRY_INVALID'],
  wrongIntegratedTime: ['LOG_ENTRY_INVALID'],
  wrongLogIndex: ['LOG_ENTRY_INVALID'],
  noTimestamp: ['TIME_UNPROVEN'],
  lateTimestamp: ['CERTIFICATE_NOT_VALID_THEN'],
  timestampOverOther: ['TIMESTAMP_INVALID'],
  foreignTsa: ['TIMESTAMP_INVALID'],
  timestampBadSignature: ['TIMESTAMP_INVALID'],
  timestampWrongDigest: ['TIMESTAMP_INVALID'],
  tsaWrongEku: ['TIMESTAMP_INVALID'],
  tsaEkuNotCritical: ['TIMESTAMP_INVALID'],
  timestampSha1: ['TIMESTAMP_MALFORMED'],
  timestampRefused: ['TIMESTAMP_INVALID', 'TIMESTAMP_MALFORMED'],
};

const SHAPES = [
  { log: 'v1', timestamps: 0 },
  { log: 'v2', timestamps: 1 },
] as const;

for (const shape of SHAPES) {
  for (const [format, sign] of Object.entries({ ...FORMATS, ...ATTESTATIONS })) {
    const isLegacy = format.startsWith('legacy');
    if (isLegacy && shape.log === 'v2') continue;
    const isAttestation = Object.hasOwn(ATTESTATIONS, format);
    const judge = (candidate: Candidate) =>
      isAttestation
        ? verifyAttestation(candidate, signer, IMAGE, LATER, trust).outcome
        : outcomeOf(candidate);
    suite(`a ${format}, in Rekor ${shape.log}`, () => {
      test('holds, long after its certificate ended', () => {
        const { status, message, evidence } = judge(sign(shape));
        assert.equal(status, 'verified', message);
        assert.deepEqual(
          [evidence?.issuer, evidence?.subject, evidence?.times],
          [issuer, subject, [new Date(NOW).toISOString()]],
        );
      });

      for (const defect of defectsFor({ ...shape, legacy: isLegacy })) {
        test(`${defect}: refused`, () => {
          const { status, code, message } = judge(sign({ ...shape, defects: [defect] }));
          assert.equal(status, 'rejected', message);
          assert.ok(CODES[defect].includes(code), `${code}: ${message}`);
        });
      }
    });
  }
}

suite('beside a log entry that says the time', () => {
  const sign = FORMATS['statement in a bundle'];
  const both = { log: 'v1', timestamps: 1 } as const;

  test('a timestamp that holds adds its time, and one that does not is not passed over', () => {
    assert.equal(sign && outcomeOf(sign(both)).evidence?.times?.length, 2);
    for (const defect of ['timestampOverOther', 'foreignTsa'] as const) {
      assert.equal(sign && outcomeOf(sign({ ...both, defects: [defect] })).code, 'TIMESTAMP_INVALID');
    }
    assert.equal(
      sign && outcomeOf(sign({ ...both, defects: ['lateTimestamp'] })).code,
      'CERTIFICATE_NOT_VALID_THEN',
    );
  });

  test('a trust root without timestamp authorities says nothing of a timestamp', () => {
    const root = parseTrustRoot(
      'default',
      sigstore.trustedRoot({ edit: (json) => json.timestampAuthorities.splice(0) }),
    );
    const roots = { fingerprint: root.fingerprint, roots: new Map([['default', root]]) };
    assert.equal(sign && outcomeOf(sign(both), signer, roots).status, 'verified');
  });
});

suite('a bundle v0.1 with a proof without a checkpoint, as the first clients wrote it', () => {
  type Entry = { inclusionProof: { checkpoint?: unknown; rootHash: string } };
  type Material = { tlogEntries: readonly Entry[] };
  const sign = (defects: readonly SigstoreDefect[], version: '0.1' | '0.2' = '0.1') =>
    sigstore.signBundle({
      identity,
      version,
      log: 'v1',
      defects,
      content: { statement: makeStatement(IMAGE) },
      edit: ({ verificationMaterial }) => {
        const [entry] = (verificationMaterial as unknown as Material).tlogEntries;
        delete entry?.inclusionProof.checkpoint;
      },
    });

  test('holds by its promise, which says the time', () => {
    const { status, message, evidence } = outcomeOf(bundle(sign([])));
    assert.equal(status, 'verified', message);
    assert.deepEqual(evidence?.times, [new Date(NOW).toISOString()]);
  });

  test('is refused without one that holds, and in later versions', () => {
    assert.equal(outcomeOf(bundle(sign(['badPromise']))).code, 'LOG_ENTRY_INVALID');
    assert.equal(outcomeOf(bundle(sign(['noPromise']))).code, 'BUNDLE_MALFORMED');
    assert.equal(outcomeOf(bundle(sign([], '0.2'))).code, 'BUNDLE_MALFORMED');
  });
});

suite('a denial says what the trust root does not have', () => {
  const sign = FORMATS['statement in a bundle'];
  const without = (edit: (json: TrustedRootJson) => void) => {
    const root = parseTrustRoot('default', sigstore.trustedRoot({ edit }));
    return { fingerprint: root.fingerprint, roots: new Map([['default', root]]) };
  };
  const demands = { logEntries: 1, timestamps: 1, scts: 1, unsafeNoTime: false };
  const messageOf = (edit: (json: TrustedRootJson) => void) =>
    sign && outcomeOf(sign({ log: 'v1', timestamps: 1 }), { ...signer, demands }, without(edit)).message;

  test('the log of an entry that is there', () => {
    const id = sigstore.logs.v1.id.toString('hex');
    assert.equal(
      messageOf((json) => json.tlogs.splice(0, 1)),
      `release demands an entry in a transparency log of the trust root; found 0, and one of the log "${id}", which is not in it`,
    );
  });

  test('any timestamp authority, any certificate log', () => {
    assert.match(
      messageOf((json) => json.timestampAuthorities.splice(0)) ?? '',
      /by an authority of the trust root; the trust root has no timestamp authority$/,
    );
    assert.match(
      messageOf((json) => json.ctlogs.splice(0)) ?? '',
      /of the trust root promised the certificate; the trust root has no certificate log$/,
    );
    const timeless = { ...signer, demands: { ...demands, timestamps: 0 } };
    const root = without((json) => json.timestampAuthorities.splice(0));
    assert.match(
      (sign && outcomeOf(sign({ log: 'v2', timestamps: 1 }), timeless, root).message) ?? '',
      /^nothing proves when it was signed: .*; the trust root has no timestamp authority$/,
    );
  });
});

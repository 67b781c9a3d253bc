// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  createTestKey,
  createTestSigstore,
  githubIdentity,
  makeStatement,
  type TestBundleOptions,
} from '../../../src/testing/index.ts';
import { type OracleDemands, verifyWithSigstoreJs } from '../../support/sigstore-oracle.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const sigstore = createTestSigstore({ now: NOW, certificateLogs: 2, timestampAuthorities: 2 });
const root = sigstore.trustedRoot();
const identity = githubIdentity('acme/web');
const statement = makeStatement({ digest: `sha256:${'a'.repeat(64)}` });
const message = Buffer.from('an artifact');

type Case = Omit<TestBundleOptions, 'content'> & { readonly demands?: OracleDemands };

/** What Sigstore's own verifier must accept, of both contents. */
const GOOD: Readonly<Record<string, Case>> = {
  'Rekor v2 and a timestamp': {},
  'Rekor v1': { log: 'v1' },
  'Rekor v1 and two timestamps': { log: 'v1', timestamps: 2, demands: { timestamps: 3 } },
  'both logs': { log: 'v1', alsoLog: ['v2'], demands: { logs: 2 } },
  'bundle v0.2 with Rekor v1': { log: 'v1', version: '0.2' },
  'bundle v0.1 with Rekor v1': { log: 'v1', version: '0.1' },
  'no log but a timestamp': { log: 'none', demands: { logs: 0 } },
  'a timestamp later than the entry': { log: 'v1', timestamps: 1, timestamp: { time: NOW + 60_000 } },
  'two certificate logs': { leaf: { scts: 2 }, demands: { certificateLogs: 2 } },
  'an SCT with extensions': { leaf: { sctExtensions: true } },
  'a timestamp with a fraction and its certificate': { timestamp: { fraction: '123', embed: true } },
  'a timestamp with SHA-512': { timestamp: { hash: 'sha512' } },
  'a timestamp with SHA-384': { timestamp: { hash: 'sha384' } },
  'a cosigned checkpoint': { checkpoint: { witnesses: 2, witnessesFirst: true, extra: ['Timestamp: 1'] } },
  'the only entry of a tree': { tree: { index: 0n, size: 1n } },
  'a tree of a billion': { tree: { index: 600_000_001n, size: (1n << 30n) + 5n } },
  'the last entry of a huge tree': { log: 'v1', tree: { index: (1n << 40n) + 2n, size: (1n << 40n) + 3n } },
};

describe("Sigstore's own verifier accepts", () => {
  for (const [name, { demands, ...options }] of Object.entries(GOOD)) {
    test(name, () => {
      const signed = sigstore.signBundle({ identity, ...options, content: { statement } });
      const signer = verifyWithSigstoreJs(root, signed, demands);
      assert.equal(signer.identity?.subjectAlternativeName, identity.subject);
      assert.equal(signer.identity?.extensions?.issuer, identity.issuer);
      const blob = sigstore.signBundle({ identity, ...options, content: { message } });
      verifyWithSigstoreJs(root, blob, { ...demands, artifact: message });
    });
  }

  test('an attestation logged as intoto 0.0.2', () => {
    const bundle = sigstore.signBundle({
      identity,
      log: 'v1',
      entry: 'intoto 0.0.2',
      content: { statement },
    });
    verifyWithSigstoreJs(root, bundle);
  });

  test('a signature by a key, logged', () => {
    const key = createTestKey();
    for (const log of ['v1', 'v2'] as const) {
      const bundle = sigstore.signBundle({ key, log, content: { statement } });
      verifyWithSigstoreJs(root, bundle, { key, timestamps: 0 });
    }
  });

  test('a message known only by its digest', () => {
    const digest = `sha256:${createHash('sha256').update(message).digest('hex')}`;
    const bundle = sigstore.signBundle({ identity, content: { digest } });
    verifyWithSigstoreJs(root, bundle, { artifact: message });
  });

  for (const options of [
    { intermediate: false },
    { rekorV2Key: 'ecdsa-p256' },
    { leafKey: 'ecdsa-p384' },
    { leafKey: 'rsa-2048' },
  ] as const) {
    test(`a world with ${JSON.stringify(options)}`, () => {
      const world = createTestSigstore({ now: NOW, ...options });
      const bundle = world.signBundle({ identity, content: { message } });
      verifyWithSigstoreJs(world.trustedRoot(), bundle, { artifact: message });
    });
  }
});

test('two entries of one log, and two timestamps of one authority, can be had too', () => {
  const world = createTestSigstore({ now: NOW });
  const bundle = world.signBundle({ identity, alsoLog: ['v2'], timestamps: 2, content: { statement } });
  const { tlogEntries, timestampVerificationData } = JSON.parse(bundle.toString()).verificationMaterial;
  assert.equal(new Set(tlogEntries.map(({ logIndex }: { logIndex: string }) => logIndex)).size, 2);
  assert.equal(timestampVerificationData.rfc3161Timestamps.length, 2);
  const demands = { logs: 1, timestamps: 2 };
  assert.throws(() => verifyWithSigstoreJs(world.trustedRoot(), bundle, demands), /duplicate tlog entry/);
});

test('what one world signs is worth nothing in another of the same name', () => {
  const other = createTestSigstore({ now: NOW });
  const bundle = other.signBundle({ identity, content: { statement } });
  assert.throws(() => verifyWithSigstoreJs(root, bundle));
});

test('the trust root says no longer than ordered that a part is trusted', () => {
  const bundle = sigstore.signBundle({ identity, log: 'v1', timestamps: 1, content: { statement } });
  for (const part of ['authority', 'certificateLogs', 'logs', 'timestampAuthority'] as const) {
    const over = sigstore.trustedRoot({ windows: { [part]: { start: 0, end: NOW - 60_000 } } });
    assert.throws(() => verifyWithSigstoreJs(over, bundle), part);
  }
});

// SPDX-License-Identifier: Apache-2.0
import {
  createTestKey,
  createTestSigstore,
  githubIdentity,
  type TestBundleOptions,
  type TestIdentity,
} from '../../../src/testing/index.ts';
import type { DifferentialCase } from './case.ts';
import { CONTENTS, made, PIPELINE } from './made.ts';

const KINDS = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa-2048', 'rsa-3072'] as const;
const LOGS = ['v1', 'v2'] as const;
const BOTH = Object.keys(CONTENTS) as (keyof typeof CONTENTS)[];

const IDENTITIES: Readonly<Record<string, TestIdentity>> = {
  URI: PIPELINE,
  'e-mail': { issuer: 'https://accounts.google.com', subject: 'dev@acme.example' },
  'e-mail with a plus': { issuer: 'https://accounts.google.com', subject: 'dev+ci@acme.example' },
  'DNS name': { issuer: 'https://issuer.example', subject: 'ci.acme.example' },
  otherName: { issuer: 'https://issuer.example', subject: { kind: 'otherName', value: 'dev!acme.example' } },
  'issuer extension .1 only': { ...PIPELINE, issuerExtensions: [1] },
  'issuer extension .8 only': { ...PIPELINE, issuerExtensions: [8] },
};

/** What is right with a bundle, each in its own way. */
const WAYS: Readonly<Record<string, Omit<TestBundleOptions, 'content'>>> = {
  'bundle v0.1': { version: '0.1', log: 'v1' },
  'bundle v0.2': { version: '0.2', log: 'v1' },
  'bundle v0.2, Rekor v2': { version: '0.2' },
  'v0.3 by its older media type': { mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.3' },
  'both logs': { log: 'v1', alsoLog: ['v2'] },
  'two timestamps': { timestamps: 2 },
  'Rekor v1 and a timestamp': { log: 'v1', timestamps: 1 },
  'two SCTs': { leaf: { scts: 2 } },
  'an SCT with extensions': { leaf: { sctExtensions: true } },
  'a timestamp with SHA-384': { timestamp: { hash: 'sha384' } },
  'a timestamp with SHA-512': { timestamp: { hash: 'sha512' } },
  'a timestamp with its certificate': { timestamp: { embed: true } },
  'a timestamp with a fraction of a second': { timestamp: { fraction: '123' } },
  'a cosigned checkpoint': { checkpoint: { witnesses: 2, witnessesFirst: true } },
  'the only entry of a log': { tree: { index: 0n, size: 1n } },
  'an entry of a billion': { tree: { index: 600_000_001n, size: (1n << 30n) + 5n } },
  'Rekor v1 without an inclusion proof, bundle v0.1': { log: 'v1', version: '0.1', defects: ['noProof'] },
};

/** Bundles that are as they should be. */
export function goodCases(): readonly DifferentialCase[] {
  return [
    ...byIdentity(),
    ...byWay(),
    ...byKey(),
    ...byHash(),
    ...byEntry(),
    ...otherWorlds(),
    oldEntryInNewLog(),
  ];
}

function byIdentity(): DifferentialCase[] {
  return Object.entries(IDENTITIES).flatMap(([name, identity]) =>
    BOTH.map((content) => made(`identity: ${name}`, { content, identity })),
  );
}

function byWay(): DifferentialCase[] {
  return Object.entries(WAYS).flatMap(([name, options]) =>
    BOTH.map((content) => made(name, { content, ...options })),
  );
}

/** Every kind of key, with and without certificate and log. */
function byKey(): DifferentialCase[] {
  return KINDS.flatMap((kind) => {
    const key = createTestKey(kind);
    return BOTH.flatMap((content) => [
      ...LOGS.map((log) =>
        made(`${kind} certified, Rekor ${log}`, { content, log, identity: PIPELINE, leaf: { key } }),
      ),
      ...LOGS.map((log) => made(`${kind} key, Rekor ${log}`, { content, log, key })),
      made(`${kind} key, no log`, { content, log: 'none', key }),
      made(`${kind} key, no log, a timestamp`, { content, log: 'none', key, timestamps: 1 }),
    ]);
  });
}

/** Hashes that are not those of the curve. */
function byHash(): DifferentialCase[] {
  return (
    [
      ['ecdsa-p256', 'sha384'],
      ['ecdsa-p256', 'sha512'],
      ['ecdsa-p384', 'sha256'],
      ['ecdsa-p384', 'sha512'],
      ['ecdsa-p521', 'sha256'],
      ['ecdsa-p521', 'sha384'],
      ['rsa-2048', 'sha512'],
    ] as const
  ).flatMap(([kind, hash]) => {
    const key = createTestKey(kind);
    return BOTH.flatMap((content) => [
      ...LOGS.map((log) =>
        made(`${kind} certified with ${hash}, Rekor ${log}`, {
          content,
          log,
          hash,
          identity: PIPELINE,
          leaf: { key },
        }),
      ),
      made(`${kind} key with ${hash}, no log`, { content, log: 'none', hash, key }),
    ]);
  });
}

/** Every kind of entry that a log may have of a signature. */
function byEntry(): DifferentialCase[] {
  return [
    ...(['dsse 0.0.1', 'intoto 0.0.1', 'intoto 0.0.2', 'hashedrekord 0.0.1', 'rekord 0.0.1'] as const).map(
      (entry) => made(`logged as ${entry}`, { content: 'statement', log: 'v1', entry }),
    ),
    ...(['hashedrekord 0.0.1', 'rekord 0.0.1'] as const).map((entry) =>
      made(`logged as ${entry}`, { content: 'message', log: 'v1', entry }),
    ),
    made('logged as dsse 0.0.1 in Rekor v2', { content: 'statement', log: 'v2', entry: 'dsse 0.0.1' }),
  ];
}

function otherWorlds(): DifferentialCase[] {
  return (
    [
      ['no intermediate authority', { intermediate: false }],
      ['a log of Rekor v2 with a P-256 key', { rekorV2Key: 'ecdsa-p256' }],
      ['a log of Rekor v2 with an RSA key', { rekorV2Key: 'rsa-2048' }],
    ] as const
  ).map(([name, options]) => {
    const world = createTestSigstore({ now: Date.UTC(2026, 4, 1, 12), ...options });
    return made(name, { content: 'message', world, identity: githubIdentity('acme/web') });
  });
}

/** An entry of Rekor v1 below a checkpoint like those of v2, in a log whose id is the same in both. */
function oldEntryInNewLog(): DifferentialCase {
  const world = createTestSigstore({ now: Date.UTC(2026, 4, 1, 12), rekorV2Key: 'ecdsa-p256' });
  const identity = githubIdentity('acme/web');
  const name = 'logged as dsse 0.0.1 in Rekor v2 with a P-256 key';
  return made(name, { content: 'statement', log: 'v2', entry: 'dsse 0.0.1', world, identity });
}

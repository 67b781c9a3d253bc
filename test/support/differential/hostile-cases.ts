// SPDX-License-Identifier: Apache-2.0
import {
  createTestKey,
  createTestSigstore,
  githubIdentity,
  makeStatement,
  type TestBundleOptions,
  type TestIdentity,
  type TrustedRootOptions,
} from '../../../src/testing/index.ts';
import type { CaseSigner, DifferentialCase } from './case.ts';
import { DIGEST, made, PIPELINE, signerOf, WORLD } from './made.ts';

const HOUR = 3_600_000;
const { subject, issuer } = PIPELINE;

/** Somebody else is wanted than who signed. */
const OTHERS: Readonly<Record<string, CaseSigner>> = {
  'unanchored: acme is wanted, acme-evil signed': { identity: 'https://github.com/acme', issuer },
  'the beginning of the subject is wanted': { identity: String(subject).slice(0, -1), issuer },
  'the end of the subject is wanted': { identity: String(subject).slice(8), issuer },
  'a dot is wanted, another character signed': { identity: String(subject), issuer },
  'nobody is wanted': { identity: '', issuer },
  'a pattern is wanted': { identity: '.*', issuer },
  'another issuer is wanted': { identity: String(subject), issuer: 'https://accounts.google.com' },
  'the beginning of the issuer is wanted': { identity: String(subject), issuer: issuer.slice(0, -1) },
  'no issuer is wanted': { identity: String(subject), issuer: '' },
  'another key is wanted': { key: createTestKey().publicKeyPem },
};

/** Who signed, where that is not the pipeline. */
const SIGNED_BY: Readonly<Record<string, TestIdentity>> = {
  'unanchored: acme is wanted, acme-evil signed': githubIdentity('acme-evil/web'),
  'a dot is wanted, another character signed': {
    ...PIPELINE,
    subject: String(subject).replace('.github/', 'xgithub/'),
  },
};

type Edit = NonNullable<TestBundleOptions['edit']>;

/** Changes that leave the JSON well-formed. */
const EDITS: Readonly<Record<string, Edit>> = {
  'an unknown media type': (bundle) =>
    Object.assign(bundle, { mediaType: 'application/vnd.dev.sigstore.bundle.v0.4+json' }),
  'an unknown member': (bundle) => Object.assign(bundle, { unheardOf: true }),
  'an unknown member of an entry': (bundle) => Object.assign(entryOf(bundle), { unheardOf: true }),
  'no media type': (bundle) => Reflect.deleteProperty(bundle, 'mediaType'),
  'no kind of the entry': (bundle) => Reflect.deleteProperty(entryOf(bundle), 'kindVersion'),
  'an entry that names another log': (bundle) =>
    Object.assign(entryOf(bundle), { logId: { keyId: Buffer.alloc(32).toString('base64') } }),
  'a body with a space behind it': (bundle) => {
    const entry = entryOf(bundle);
    entry['canonicalizedBody'] = Buffer.from(
      `${Buffer.from(String(entry['canonicalizedBody']), 'base64')} `,
    ).toString('base64');
  },
  'a certificate beside a key': (bundle) =>
    Object.assign(bundle.verificationMaterial, { publicKey: { hint: 'a' } }),
};

function entryOf({ verificationMaterial }: Parameters<Edit>[0]): Record<string, unknown> {
  const [entry] = verificationMaterial['tlogEntries'] as Record<string, unknown>[];
  if (entry === undefined) throw new Error('no entry');
  return entry;
}

/** Trust roots that do not cover the time of the signature, or parts of it. */
const ROOTS: Readonly<Record<string, TrustedRootOptions>> = {
  'an authority that was not trusted any more': {
    windows: { authority: { start: 0, end: WORLD.now() - HOUR } },
  },
  'an authority that was not trusted yet': { windows: { authority: { start: WORLD.now() + HOUR } } },
  'a log that was not trusted any more': { windows: { logs: { start: 0, end: WORLD.now() - HOUR } } },
  'a log that was not trusted yet': { windows: { logs: { start: WORLD.now() + HOUR } } },
  'a certificate log that was not trusted any more': {
    windows: { certificateLogs: { start: 0, end: WORLD.now() - HOUR } },
  },
  'a timestamp authority that was not trusted any more': {
    windows: { timestampAuthority: { start: 0, end: WORLD.now() - HOUR } },
  },
  'a timestamp authority without its own certificate': { timestampLeaf: false },
  'no such log': { logs: [] },
  'a media type that nobody knows': {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=9.9',
  },
  'a log without a start': { windows: { logs: {} } },
};

/** What somebody may try, with true signatures. */
export function hostileCases(): readonly DifferentialCase[] {
  const contents = ['statement', 'message'] as const;
  const logs = ['v1', 'v2'] as const;
  return [
    ...contents.flatMap((content) =>
      Object.entries(OTHERS).map(([name, signer]) => {
        const identity = SIGNED_BY[name] ?? PIPELINE;
        return made(name, { content, identity }, { signer });
      }),
    ),
    ...contents.map((content) =>
      made(
        'a certificate is wanted, a key signed',
        { content, log: 'v2', key: createTestKey() },
        { signer: signerOf(PIPELINE) },
      ),
    ),
    ...contents.flatMap((content) =>
      logs.flatMap((log) =>
        Object.entries(EDITS).map(([name, edit]) => made(`${name}, Rekor ${log}`, { content, log, edit })),
      ),
    ),
    ...logs.flatMap((log) =>
      Object.entries(ROOTS).map(([name, options]) =>
        made(
          `${name}, Rekor ${log}`,
          { content: 'message', log },
          { trustedRoot: WORLD.trustedRoot(options) },
        ),
      ),
    ),
    ...ofAnother(),
    ...envelopes(),
    ...numbers(),
  ];
}

function ofAnother(): DifferentialCase[] {
  const other = createTestSigstore({ now: WORLD.now() });
  return [
    made('another message', { content: 'message' }, { artifact: Buffer.from('another') }),
    made(
      'a statement about another artifact',
      { content: 'statement' },
      { artifact: Buffer.from('another') },
    ),
    made(
      'a message by a key, another message',
      { content: 'message', key: createTestKey() },
      { artifact: Buffer.from('another') },
    ),
    ...(['v1', 'v2'] as const).map((log) =>
      made(
        `another Sigstore of the same name, Rekor ${log}`,
        { content: 'message', log, world: other },
        { trustedRoot: WORLD.trustedRoot() },
      ),
    ),
  ];
}

/** Envelopes that are not what attestations are. */
function envelopes(): DifferentialCase[] {
  const statement = makeStatement({ digest: DIGEST });
  const signed = (name: string, content: TestBundleOptions['content'], edit?: Edit): DifferentialCase => ({
    ...made(name, { content: 'statement' }),
    bundle: WORLD.signBundle({ identity: PIPELINE, content, ...(edit && { edit }) }),
  });
  return [
    signed('a payload of another type', { statement, payloadType: 'text/plain' }),
    signed('a payload that is no JSON', { statement: 'hello' }),
    signed('a statement without subjects', { statement: { ...statement, subject: [] } }),
    signed('the signature twice', { statement }, ({ dsseEnvelope }) => {
      dsseEnvelope?.signatures.push(...dsseEnvelope.signatures);
    }),
    signed('no signature', { statement }, ({ dsseEnvelope }) => {
      dsseEnvelope?.signatures.splice(0);
    }),
  ];
}

/** How often something is there. */
function numbers(): DifferentialCase[] {
  return [
    made('no log, a timestamp', { content: 'message', log: 'none' }),
    made('no log, no timestamp', { content: 'message', log: 'none', timestamps: 0 }),
    made('Rekor v2 without a timestamp', { content: 'message', timestamps: 0 }),
    made('the same log twice', { content: 'message', alsoLog: ['v2'] }),
    made('two timestamps of one authority', {
      content: 'message',
      timestamps: 2,
      world: createTestSigstore({ now: WORLD.now() }),
    }),
    made('bundle v0.3 without an inclusion proof', { content: 'message', log: 'v1', defects: ['noProof'] }),
    made('bundle v0.2 without an inclusion proof', {
      content: 'message',
      log: 'v1',
      version: '0.2',
      defects: ['noProof'],
    }),
    made('bundle v0.1 without a promise', {
      content: 'message',
      log: 'v1',
      version: '0.1',
      timestamps: 1,
      defects: ['noPromise'],
    }),
    made('a timestamp before the certificate began', {
      content: 'message',
      timestamp: { time: WORLD.now() - HOUR },
    }),
    made('a true entry beside one of a log that nobody knows', {
      content: 'message',
      log: 'v1',
      alsoLog: ['v2'],
      defects: ['foreignLog'],
    }),
    made('two SCTs of one log that nobody knows', {
      content: 'message',
      leaf: { scts: 2 },
      defects: ['foreignSct'],
    }),
  ];
}

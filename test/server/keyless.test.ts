// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  attestImage,
  createTestSigstore,
  githubIdentity,
  signImageKeyless,
  startTestRegistry,
  type TestIdentity,
  type TrustedRootOptions,
} from '../../src/testing/index.ts';
import { recordConnections } from '../support/connections.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/mounted-volume.ts';
import { deploymentReview, podReview } from '../support/reviews.ts';
import { named, startWholeServer } from '../support/whole-server.ts';

const SIGSTORE = createTestSigstore();
const STRANGER = createTestSigstore();
const PIPELINE = githubIdentity('acme/web');
const PERSON: TestIdentity = { issuer: 'https://accounts.example', subject: 'kim@acme.example' };
const TYPE = 'https://slsa.dev/provenance/v1';
const SIGNERS = `  pipeline: { keyless: { issuer: "${PIPELINE.issuer}", subject: "${PIPELINE.subject}", claims: { sourceRepositoryURI: "https://github.com/acme/web" } } }`;
const RULES = '  - { name: all, images: ["**"], require: pipeline }';

/** A registry and a server that has its trust root on disk, and whoever this process connects to. */
async function start(t: TestContext, rules = RULES) {
  const registry = await startTestRegistry();
  t.after(() => registry.close());
  const path = join(temporaryFolder(t), 'trusted_root.json');
  const trustIn = (options: TrustedRootOptions = {}) => writeFileSync(path, SIGSTORE.trustedRoot(options));
  trustIn();
  const connections = recordConnections(t);
  const server = await startWholeServer(t, {
    registries: named(registry),
    rules,
    signers: SIGNERS,
    trust: { config: { trustRoots: new Map([['default', { kind: 'file', path }]]) } },
  });
  const validate = (image: string) => server.ask(podReview([image]));
  const asked = () => [...connections].filter((one) => one !== server.address && one !== server.probeAddress);
  return { registry, server, trustIn, validate, asked };
}

/** Legacy layers have no room for an entry of Rekor v2. */
const FORMATS = [
  { format: 'bundle', log: 'v1' },
  { format: 'bundle', log: 'v2' },
  { format: 'legacy', log: 'v1' },
] as const;

for (const { format, log } of FORMATS) {
  test(`with a trust root on disk nobody but the registry is asked: ${format}, Rekor ${log}`, async (t) => {
    const { registry, server, validate, asked } = await start(t);
    const image = registry.pushImage('acme/web', { tag: '1.0' });
    signImageKeyless(registry, image, SIGSTORE, PIPELINE, { format, log });
    const mutated = await server.ask(podReview([image.reference]), { door: '/mutate' });
    const patch = JSON.parse(Buffer.from(mutated.patch ?? '', 'base64').toString());
    assert.equal(patch[0].value, `${image.reference}@${image.digest}`);
    const pinned = await validate(patch[0].value);
    assert.equal(pinned.code, 'VERIFIED', pinned.message);
    assert.deepEqual(asked(), [registry.host]);

    const sent = await server.sent();
    assert.equal((await validate(patch[0].value)).code, 'VERIFIED');
    assert.equal((await server.ask(deploymentReview(image.pinned))).code, 'VERIFIED');
    assert.equal(await server.sent(), sent, 'what is warm asks nobody at all');
  });
}

test('of two builds in one repository only that of the pipeline gets in, and the denial says who signed the other', async (t) => {
  const { registry, validate, asked, server } = await start(t);
  const [seven, eight] = ['7', '8'].map((tag) => registry.pushImage('acme/web', { tag: `build-${tag}` }));
  assert.ok(seven !== undefined && eight !== undefined);
  signImageKeyless(registry, seven, SIGSTORE, PERSON);
  signImageKeyless(registry, eight, SIGSTORE, PIPELINE);
  const denied = await validate(seven.pinned);
  assert.deepEqual([denied.allowed, denied.code], [false, 'IDENTITY_MISMATCH']);
  for (const part of ['kim@acme.example', 'https://accounts.example', PIPELINE.issuer, PIPELINE.subject])
    assert.ok(denied.message.includes(`"${part}"`), denied.message);
  assert.equal((await validate(eight.pinned)).code, 'VERIFIED');
  assert.deepEqual(asked(), [registry.host]);
  const allowed = server.lines.find(({ message }) => message === 'allowed');
  assert.deepEqual(Object(allowed)['images'][0].signedBy, [`${PIPELINE.subject} by ${PIPELINE.issuer}`]);
});

test('attestations of the pipeline are verified so too, and are no signatures', async (t) => {
  const rules = `  - { name: all, images: ["**"], require: pipeline, attestations: [{ type: "${TYPE}", by: pipeline, where: "predicate.ok" }] }`;
  const { registry, validate, asked } = await start(t, rules);
  const [whole, attested] = ['1', '2'].map((tag) => registry.pushImage('acme/web', { tag }));
  assert.ok(whole !== undefined && attested !== undefined);
  for (const image of [whole, attested]) {
    const predicate = { ok: true };
    attestImage(registry, image, SIGSTORE, { identity: PIPELINE, predicateType: TYPE, predicate });
  }
  signImageKeyless(registry, whole, SIGSTORE, PIPELINE);
  const verdict = await validate(whole.pinned);
  assert.equal(verdict.code, 'VERIFIED', verdict.message);
  assert.equal((await validate(attested.pinned)).code, 'NOT_A_SIGNATURE');
  assert.deepEqual(asked(), [registry.host]);
});

/** What a refreshed trust root no longer says, and what that makes of an image that was verified a moment ago. */
const NO_LONGER: readonly {
  readonly what: string;
  readonly code: string;
  readonly root: TrustedRootOptions;
}[] = [
  {
    what: 'the authority that issued its certificate',
    code: 'CERTIFICATE_UNTRUSTED',
    root: {
      edit(root) {
        const { certificateAuthorities } = JSON.parse(STRANGER.trustedRoot().toString());
        root.certificateAuthorities = certificateAuthorities;
      },
    },
  },
  { what: 'the log that has it', code: 'LOG_ENTRY_MISSING', root: { logs: ['v1'] } },
  {
    what: 'the log that has its certificate',
    code: 'SCT_INVALID',
    root: {
      edit(root) {
        root.ctlogs = [];
      },
    },
  },
  {
    what: 'the authority that says when',
    code: 'TIME_UNPROVEN',
    root: {
      edit(root) {
        root.timestampAuthorities = [];
      },
    },
  },
  {
    what: 'the authority, from a day before it was signed on',
    code: 'CERTIFICATE_NOT_VALID_THEN',
    root: { windows: { authority: { start: SIGSTORE.since, end: Date.now() - 86_400_000 } } },
  },
];

for (const { what, code, root } of NO_LONGER) {
  test(`a trust root that no longer has ${what} denies from the next request on, although all is remembered`, async (t) => {
    const { registry, server, trustIn, validate, asked } = await start(t);
    const image = registry.pushImage('acme/web', { tag: '1.0' });
    signImageKeyless(registry, image, SIGSTORE, PIPELINE);
    assert.equal((await validate(image.pinned)).code, 'VERIFIED');

    trustIn(root);
    const loaded = (count: number) =>
      eventually(
        'the new trust root',
        () => server.lines.filter(({ message }) => message === 'trust roots loaded').length === count,
      );
    await loaded(2);
    const denied = await validate(image.pinned);
    assert.deepEqual([denied.allowed, denied.code], [false, code], denied.message);

    trustIn();
    await loaded(3);
    assert.equal((await validate(image.pinned)).code, 'VERIFIED');
    assert.deepEqual(asked(), [registry.host]);
  });
}

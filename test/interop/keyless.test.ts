// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pushImageTo } from '../../src/testing/index.ts';
import { PERSON, workflowOf } from './identity-provider.ts';
import { type RealRegistry, startDockerRegistry, startRefreg } from './registries.ts';
import { SIGSTORE_PROGRAMS, type SigstoreServices, startSigstoreServices } from './sigstore-services.ts';
import { cosign, skipWithout } from './tools.ts';
import { verifyJson } from './verify-json.ts';

const REGISTRIES = {
  'docker-registry (fallback tag)': startDockerRegistry,
  'refreg (referrers API)': startRefreg,
} as const;

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
/** Who is asked for; the two issuers are put in where the services are known. */
const PERSON_FLAGS = ['--certificate-identity', 'dev@example.test', '--certificate-oidc-issuer', 'MAIL'];
const WORKFLOW_FLAGS = ['--certificate-identity', WORKFLOW, '--certificate-oidc-issuer', 'WORKFLOW'];

/** How an image is signed, and by whom. */
const SIGNED = {
  person: (services, image) => services.cosign('sign', [image], PERSON),
  workflow: (services, image) => services.cosign('sign', [image], workflowOf('acme/app')),
  both: async (services, image) => {
    await services.cosign('sign', [image], PERSON);
    await services.cosign('sign', [image], workflowOf('acme/app'));
  },
  key: (services, image) => services.cosign('sign', ['--key', 'cosign.key', image]),
  'key-alone': async ({ folder }, image) => {
    const alone = ['--signing-config', 'alone.json', '--trusted-root', 'trusted-root.json'];
    await cosign(folder, ['sign', '-y', '--key', 'cosign.key', ...alone, image]);
  },
} as const satisfies Record<string, (services: SigstoreServices, image: string) => Promise<void>>;
type Image = keyof typeof SIGNED;

/** Trust roots: the whole one, such without some part, and that of another Fulcio, whose certificates have the same names. */
type Root = 'trusted-root' | 'no-ctlogs' | 'no-tlogs' | 'no-timestampAuthorities' | 'foreign';

const BY_FLAGS: readonly (readonly [what: string, Image, readonly string[], code: string, Root?])[] = [
  ['a person', 'person', PERSON_FLAGS, 'VERIFIED'],
  ['a person, with a timestamp', 'person', [...PERSON_FLAGS, '--use-signed-timestamps'], 'VERIFIED'],
  ['a workflow', 'workflow', WORKFLOW_FLAGS, 'VERIFIED'],
  [
    'a workflow by regular expressions and all that cosign asks about it',
    'workflow',
    [
      ...[
        '--certificate-identity-regexp',
        'https://github.com/acme/.*',
        '--certificate-oidc-issuer-regexp',
        '.*',
      ],
      ...['--certificate-github-workflow-trigger', 'push', '--certificate-github-workflow-name', 'release'],
      ...['--certificate-github-workflow-sha', '0123456789abcdef0123456789abcdef01234567'],
      ...['--certificate-github-workflow-repository', 'acme/app'],
      ...['--certificate-github-workflow-ref', 'refs/heads/main'],
    ],
    'VERIFIED',
  ],
  [
    'another person',
    'person',
    ['--certificate-identity', 'eve@example.test', '--certificate-oidc-issuer', 'MAIL'],
    'IDENTITY_MISMATCH',
  ],
  [
    'the person by the word of another issuer',
    'person',
    ['--certificate-identity', 'dev@example.test', '--certificate-oidc-issuer', 'WORKFLOW'],
    'IDENTITY_MISMATCH',
  ],
  [
    'the workflow in another repository',
    'workflow',
    [...WORKFLOW_FLAGS, '--certificate-github-workflow-repository', 'acme/fork'],
    'IDENTITY_MISMATCH',
  ],
  ['a key instead of an identity', 'key', PERSON_FLAGS, 'CERTIFICATE_MISSING'],
  ['another Fulcio of the same name', 'person', PERSON_FLAGS, 'CERTIFICATE_UNTRUSTED', 'foreign'],
  ['an unknown certificate log', 'person', PERSON_FLAGS, 'SCT_INVALID', 'no-ctlogs'],
  [
    'an unknown certificate log, where none is demanded',
    'person',
    [...PERSON_FLAGS, '--insecure-ignore-sct'],
    'VERIFIED',
    'no-ctlogs',
  ],
  ['an unknown log', 'person', PERSON_FLAGS, 'LOG_ENTRY_MISSING', 'no-tlogs'],
  [
    'an unknown log, where a timestamp is enough',
    'person',
    [...PERSON_FLAGS, '--insecure-ignore-tlog', '--use-signed-timestamps'],
    'VERIFIED',
    'no-tlogs',
  ],
  ['an unknown timestamp authority', 'person', PERSON_FLAGS, 'TIME_UNPROVEN', 'no-timestampAuthorities'],
];

const PERSON_SIGNER = 'keyless: { issuer: MAIL, subject: dev@example.test }';
const WORKFLOW_SIGNER = `keyless:
      issuer: WORKFLOW
      subject: https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main`;
/** Every claim that Fulcio puts into the certificate of such a run. */
const CLAIMS = `
      claims:
        githubWorkflowTrigger: push
        githubWorkflowSHA: "0123456789abcdef0123456789abcdef01234567"
        githubWorkflowName: release
        githubWorkflowRepository: acme/app
        githubWorkflowRef: refs/heads/main
        buildSignerURI: ${WORKFLOW}
        buildSignerDigest: "0123456789abcdef0123456789abcdef01234567"
        runnerEnvironment: github-hosted
        sourceRepository: https://github.com/acme/app
        sourceRepositoryDigest: "0123456789abcdef0123456789abcdef01234567"
        sourceRepositoryRef: refs/heads/main
        sourceRepositoryIdentifier: "11"
        sourceRepositoryOwner: https://github.com/acme
        sourceRepositoryOwnerIdentifier: "2"
        buildConfigURI: ${WORKFLOW}
        buildConfigDigest: "0123456789abcdef0123456789abcdef01234567"
        buildTrigger: push
        runInvocationURI: https://github.com/acme/app/actions/runs/3/attempts/1
        sourceRepositoryVisibilityAtSigning: public`;
const KEY_SIGNER = 'key: { file: cosign.pub }';

const BY_POLICY: readonly (readonly [what: string, Image, signer: string, code: string, Root?])[] = [
  ['a workflow and all its claims', 'workflow', `${WORKFLOW_SIGNER}${CLAIMS}`, 'VERIFIED'],
  [
    'one claim that is not so',
    'workflow',
    `${WORKFLOW_SIGNER}${CLAIMS.replace('github-hosted', 'self-hosted')}`,
    'IDENTITY_MISMATCH',
  ],
  ['a timestamp besides the log', 'person', `${PERSON_SIGNER}\n    timestamps: 1`, 'VERIFIED'],
  ['two timestamps', 'person', `${PERSON_SIGNER}\n    timestamps: 2`, 'TIMESTAMP_MISSING'],
  ['two logs', 'person', `${PERSON_SIGNER}\n    log: 2`, 'LOG_ENTRY_MISSING'],
  ['two certificate logs', 'person', `${PERSON_SIGNER}\n    scts: 2`, 'SCT_INVALID'],
  ['a key with log and timestamp', 'key', `${KEY_SIGNER}\n    log: required\n    timestamps: 1`, 'VERIFIED'],
  ['a key in the log of others', 'key', `${KEY_SIGNER}\n    log: required`, 'LOG_ENTRY_MISSING', 'foreign'],
  ['a key stamped by others', 'key', `${KEY_SIGNER}\n    timestamps: 1`, 'TIMESTAMP_INVALID', 'foreign'],
  ['a key alone', 'key-alone', KEY_SIGNER, 'VERIFIED'],
  [
    'a key alone, where a log is demanded',
    'key-alone',
    `${KEY_SIGNER}\n    log: required`,
    'LOG_ENTRY_MISSING',
  ],
  ['a key alone, where a timestamp is', 'key-alone', `${KEY_SIGNER}\n    timestamps: 1`, 'TIMESTAMP_MISSING'],
  ['a person instead of a key', 'person', KEY_SIGNER, 'BUNDLE_CERTIFICATE'],
];

const skip = skipWithout(...SIGSTORE_PROGRAMS, 'docker-registry', 'refreg');

describe('what cosign signs with the services of a Sigstore, which are gone when it is verified', {
  skip,
}, () => {
  let services: SigstoreServices;
  const registries = new Map<string, RealRegistry>();
  const images = new Map<string, string>();

  before(async () => {
    const foreign = await startSigstoreServices();
    const foreignRoot = readFileSync(join(foreign.folder, 'trusted-root.json'));
    await foreign.close();
    services = await startSigstoreServices();
    const { folder } = services;
    writeFileSync(join(folder, 'foreign.json'), foreignRoot);
    for (const part of ['ctlogs', 'tlogs', 'timestampAuthorities']) {
      const root = JSON.parse(readFileSync(join(folder, 'trusted-root.json'), 'utf8')) as object;
      writeFileSync(join(folder, `no-${part}.json`), JSON.stringify({ ...root, [part]: [] }));
    }
    await cosign(folder, ['generate-key-pair']);
    await cosign(folder, ['signing-config', 'create', '--out', 'alone.json']);
    for (const [name, start] of Object.entries(REGISTRIES)) {
      const registry = await start();
      registries.set(name, registry);
      for (const [kind, sign] of Object.entries(SIGNED)) {
        const { pinned } = await pushImageTo(registry.host, `demo/${kind}`, { tag: '1' });
        await sign(services, pinned);
        images.set(`${name} ${kind}`, pinned);
      }
    }
    await services.stop();
  });
  after(async () => {
    for (const registry of registries.values()) await registry.stop();
    await services?.close();
  });

  const named = (text: string) =>
    text.replace(/\bMAIL\b/, services.issuer('mail')).replace(/\bWORKFLOW\b/, services.issuer('workflow'));
  const file = (name: string) => join(services.folder, name);
  const policy = (signers: string, require: string) => {
    const path = file(`policy-${process.hrtime.bigint()}.yaml`);
    const rules = `rules: [{ name: all, images: ["**"], require: ${require} }]`;
    writeFileSync(
      path,
      `apiVersion: countersign.dev/v1\nkind: TrustPolicy\nmetadata: { name: test }\nsigners:\n${named(signers)}\n${rules}\n`,
    );
    return path;
  };

  for (const name of Object.keys(REGISTRIES)) {
    const verify = (image: Image, args: readonly string[], root: Root = 'trusted-root') =>
      verifyJson(images.get(`${name} ${image}`) ?? '', [...args, '--trusted-root', file(`${root}.json`)]);

    for (const [what, image, flags, code, root] of BY_FLAGS) {
      test(`${name}, by flags: ${what}: ${code}`, async () => {
        const report = await verify(image, flags.map(named), root);
        assert.equal(report.code, code, report.message);
      });
    }

    for (const [what, image, signer, code, root] of BY_POLICY) {
      test(`${name}, by policy: ${what}: ${code}`, async () => {
        const path = policy(`  signer:\n    ${signer}`, 'signer');
        const report = await verify(image, ['--policy', path], root);
        assert.equal(report.code, code, report.message);
      });
    }

    test(`${name}: a person and a workflow, and only one of them`, async () => {
      const signers = `  person:\n    ${PERSON_SIGNER}\n  workflow:\n    ${WORKFLOW_SIGNER}`;
      const args = ['--policy', policy(signers, '{ all: [person, workflow] }')];
      assert.equal((await verify('both', args)).code, 'VERIFIED');
      assert.equal((await verify('person', args)).code, 'THRESHOLD_NOT_MET');
    });

    test(`${name}: an identity costs as many requests as a key, of a repository that is new, and is told with its time`, async () => {
      const person = await verify('person', PERSON_FLAGS.map(named));
      const key = await verify('key', ['--key', file('cosign.pub')]);
      assert.equal(person.registryRequests, key.registryRequests);
      assert.equal(person.registryRequests, name.startsWith('refreg') ? 4 : 5);
      const evidence = person.outcomes[0]?.evidence;
      assert.equal(evidence?.subject, 'dev@example.test');
      assert.equal(evidence?.issuer, services.issuer('mail'));
      assert.equal(evidence?.times?.length, 1);
    });
  }
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { pushImageTo } from '../../src/testing/index.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { podReview } from '../support/reviews.ts';
import { named, startWholeServer } from '../support/whole-server.ts';
import { PERSON, workflowOf } from './identity-provider.ts';
import { type RealRegistry, startDockerRegistry, startRefreg } from './registries.ts';
import { SIGSTORE_PROGRAMS, type SigstoreServices, startSigstoreServices } from './sigstore-services.ts';
import { skipWithout } from './tools.ts';
import { verifyJson } from './verify-json.ts';

const REGISTRIES = {
  'docker-registry (fallback tag)': startDockerRegistry,
  'refreg (referrers API)': startRefreg,
} as const;

const BUILD_TYPE = 'https://actions.github.io/buildtypes/workflow/v1';
const PREDICATES = {
  slsaprovenance1: {
    buildDefinition: { buildType: BUILD_TYPE, externalParameters: { ref: 'refs/heads/main' } },
    runDetails: { builder: { id: 'https://github.com/acme/app' } },
  },
  spdxjson: { spdxVersion: 'SPDX-2.3', packages: [{ name: 'openssl' }, { name: 'zlib' }] },
  custom: { score: 7 },
} as const;

/** The attestations that are demanded, and what comes of it. */
const RULES: readonly (readonly [what: string, attestations: string, code: string])[] = [
  ['provenance', '{ type: slsaprovenance1, by: workflow }', 'VERIFIED'],
  [
    'provenance, and what it says',
    `{ type: slsaprovenance1, by: workflow, where: 'predicate.buildDefinition.buildType == "${BUILD_TYPE}"' }`,
    'VERIFIED',
  ],
  [
    'provenance that says something else',
    `{ type: slsaprovenance1, by: workflow, where: 'predicate.buildDefinition.externalParameters.ref == "x"' }`,
    'ATTESTATION_REJECTED',
  ],
  ['provenance by somebody else', '{ type: slsaprovenance1, by: person }', 'IDENTITY_MISMATCH'],
  [
    'an SBOM without a package',
    `{ type: spdx, by: workflow, where: 'predicate.packages.all(p, p.name != "log4j-core")' }`,
    'VERIFIED',
  ],
  [
    'an SBOM with the package',
    `{ type: spdx, by: workflow, where: 'predicate.packages.all(p, p.name != "zlib")' }`,
    'ATTESTATION_REJECTED',
  ],
  [
    'all three, of which the custom one is by a person',
    '{ type: slsaprovenance1, by: workflow }, { type: spdx, by: workflow }, { type: custom, by: person, quantifier: newest }',
    'VERIFIED',
  ],
  ['one that is not there', '{ type: vuln, by: workflow }', 'ATTESTATION_MISSING'],
];

describe('what cosign attests and signs, verified without the services', {
  skip: skipWithout(...SIGSTORE_PROGRAMS, 'docker-registry', 'refreg'),
}, () => {
  let services: SigstoreServices;
  const registries = new Map<string, RealRegistry>();
  const images = new Map<string, { readonly attested: string; readonly signed: string }>();

  before(async () => {
    services = await startSigstoreServices();
    for (const [name, start] of Object.entries(REGISTRIES)) {
      const registry = await start();
      registries.set(name, registry);
      const { pinned: attested } = await pushImageTo(registry.host, 'demo/attested', { tag: '1' });
      const { pinned: signed } = await pushImageTo(registry.host, 'demo/signed', { tag: '1' });
      for (const [type, predicate] of Object.entries(PREDICATES)) {
        writeFileSync(join(services.folder, `${type}.json`), JSON.stringify(predicate));
        const who = type === 'custom' ? PERSON : workflowOf('acme/app');
        const args = ['--type', type, '--predicate', `${type}.json`, attested];
        await services.cosign('attest', args, who);
      }
      await services.cosign('sign', [signed], PERSON);
      images.set(name, { attested, signed });
    }
    await services.stop();
  });
  after(async () => {
    for (const registry of registries.values()) await registry.stop();
    await services?.close();
  });

  const root = () => join(services.folder, 'trusted-root.json');
  const signers =
    () => `  person: { keyless: { issuer: "${services.issuer('mail')}", subject: dev@example.test } }
  workflow:
    keyless:
      issuer: ${services.issuer('workflow')}
      subject: https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main
`;
  const policy = (rule: string) => {
    const path = join(services.folder, 'policy.yaml');
    const head = 'apiVersion: countersign.dev/v1\nkind: TrustPolicy\nmetadata: { name: test }\n';
    writeFileSync(path, `${head}signers:\n${signers()}rules:\n  - { name: all, images: ["**"], ${rule} }\n`);
    return path;
  };

  for (const name of Object.keys(REGISTRIES)) {
    const verify = (image: 'attested' | 'signed', rule: string) =>
      verifyJson(images.get(name)?.[image] ?? '', ['--policy', policy(rule), '--trusted-root', root()]);

    for (const [what, attestations, code] of RULES) {
      test(`${name}: ${what}: ${code}`, async () => {
        const report = await verify('attested', `attestations: [${attestations}]`);
        assert.equal(report.code, code, report.message);
      });
    }

    test(`${name}: an attestation is no signature, and a signature no attestation`, async () => {
      assert.equal((await verify('attested', 'require: workflow')).code, 'NOT_A_SIGNATURE');
      const attestations = 'attestations: [{ type: custom, by: person }]';
      assert.equal((await verify('signed', attestations)).code, 'ATTESTATION_MISSING');
    });

    test(`${name}: a process of its own asks for nothing beyond loopback`, async (t) => {
      const proxy = await connectProxy(t, { to: {} });
      const url = `http://${proxy.host}`;
      const { attested = '' } = images.get(name) ?? {};
      const rule = 'attestations: [{ type: slsaprovenance1, by: workflow }]';
      const main = join(import.meta.dirname, '../../src/cli/main.ts');
      const args = ['verify', attested, '--policy', policy(rule), '--trusted-root', root()];
      const env = { HOME: '/nonexistent', HTTP_PROXY: url, HTTPS_PROXY: url };
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env });
      assert.match(stdout, /verified/);
      assert.deepEqual(proxy.asked, []);
    });

    test(`${name}: the admission server judges by identities and attestations, the second time from memory`, async (t) => {
      const registry = registries.get(name);
      assert.ok(registry);
      const { attested = '', signed = '' } = images.get(name) ?? {};
      const trustRoots = new Map([['default', { kind: 'file', path: root() } as const]]);
      const server = await startWholeServer(t, {
        registries: named(registry),
        signers: signers(),
        trust: { config: { trustRoots } },
        rules: `  - name: attested
    images: ["${registry.host}/demo/attested"]
    attestations: [{ type: slsaprovenance1, by: workflow }]
  - { name: all, images: ["**"], require: person }`,
      });
      for (const image of [attested, signed]) {
        const { allowed, message } = await server.ask(podReview([image]));
        assert.equal(allowed, true, message);
      }
      const sent = await server.sent();
      const again = await server.ask(podReview([attested, signed]));
      assert.equal(again.allowed, true, again.message);
      assert.equal(await server.sent(), sent);

      server.setRules('  - { name: all, images: ["**"], require: workflow }');
      await eventually('the new rule denies', async () => !(await server.ask(podReview([signed]))).allowed);
      assert.equal((await server.ask(podReview([signed]))).code, 'IDENTITY_MISMATCH');
    });
  }
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { digestOf } from '../../src/image/digest.ts';
import type { ImageReport, Report } from '../../src/report/index.ts';
import { makeLegacyPayload, startTestRegistry, type TestRegistry } from '../../src/testing/index.ts';
import { folderOf, runCommand } from '../support/command.ts';
import { pushLayout } from '../support/oci-layout.ts';
import { skipWithoutVectors as skip, vectorsPath } from '../support/vectors.ts';

const PUBLIC_GOOD = vectorsPath('trust/targets/trusted_root.json');
const ISSUER = 'https://token.actions.githubusercontent.com';
const WORKFLOWS = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows';
const PROVENANCE = 'https://slsa.dev/provenance/v0.2';

type Wanted = {
  readonly subject: string;
  readonly issuer?: string;
  readonly type?: string;
  readonly where?: string;
};

/** A policy that demands provenance by a workflow, and no signature. */
function policyOf({ subject, issuer = ISSUER, type = PROVENANCE, where }: Wanted): string {
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: slsa }
signers:
  builder: { keyless: { issuer: "${issuer}", subject: "${subject}"${issuer === ISSUER ? ', unsafeAnyCaller: true' : ''} } }
rules:
  - name: built
    images: ["**"]
    attestations:
      - type: "${type}"
        by: builder
${where === undefined ? '' : `        where: ${JSON.stringify(where)}\n`}`;
}

/** What the command says of one image under a policy. */
async function judge(image: string, policy: string, trustedRoot = PUBLIC_GOOD): Promise<ImageReport> {
  const folder = folderOf({ 'policy.yaml': policy });
  try {
    const args = ['--policy', folder.path('policy.yaml'), '--trusted-root', trustedRoot, '--output', 'json'];
    const { exit, stdout, stderr } = await runCommand(['verify', image, ...args]);
    assert.equal(stderr, '');
    const [report] = (JSON.parse(stdout) as Report).images;
    assert.ok(report);
    assert.equal(exit, report.decision === 'allow' ? 0 : 1, stdout);
    return report;
  } finally {
    folder.close();
  }
}

suite('images with provenance by the SLSA generator', { skip }, () => {
  let registry: TestRegistry;
  const images = new Map<string, string>();
  const VERSIONS = ['v1.4.0', 'v1.6.0', 'v1.8.0', 'v1.10.0'];

  before(async () => {
    registry = await startTestRegistry();
    for (const version of VERSIONS) {
      const folder = vectorsPath('slsa-layouts', version);
      images.set(version, pushLayout(registry, `slsa/${version}`, folder));
    }
  });
  after(() => registry.close());

  for (const version of VERSIONS) {
    const subject = `${WORKFLOWS}/generator_container_slsa3.yml@refs/tags/${version}`;
    const image = () => images.get(version) ?? '';

    test(`${version}: verified, by the identity and by what the provenance says`, async () => {
      const plain = await judge(image(), policyOf({ subject }));
      assert.equal(plain.code, 'VERIFIED', plain.message);
      const where = 'predicate.builder.id.startsWith("https://github.com/slsa-framework/")';
      const said = await judge(image(), policyOf({ subject, where }));
      assert.equal(said.code, 'VERIFIED', said.message);
    });

    for (const [what, wanted, code] of [
      ['another tag of the workflow', { subject: `${subject}.1` }, 'IDENTITY_MISMATCH'],
      [
        'another workflow',
        { subject: `${WORKFLOWS}/generator_generic_slsa3.yml@refs/tags/${version}` },
        'IDENTITY_MISMATCH',
      ],
      ['another issuer', { subject, issuer: 'https://accounts.google.com' }, 'IDENTITY_MISMATCH'],
      ['another type', { subject, type: 'https://slsa.dev/provenance/v1' }, 'ATTESTATION_MISSING'],
      [
        'another builder',
        { subject, where: 'predicate.builder.id == "https://evil.example"' },
        'ATTESTATION_REJECTED',
      ],
    ] as const) {
      test(`${version}: ${what} is denied`, async () => {
        const { verdict, code: found, message } = await judge(image(), policyOf(wanted));
        assert.equal(`${verdict} ${found}`, `rejected ${code}`, message);
      });
    }
  }

  test('the provenance of another image is denied', async () => {
    const [own = '', other = ''] = ['v1.6.0', 'v1.8.0'].map(
      (version) => images.get(version)?.split('@')[1] ?? '',
    );
    const repository = 'slsa/victim';
    for (const version of ['v1.8.0', 'v1.6.0'])
      pushLayout(registry, repository, vectorsPath('slsa-layouts', version));
    const tagOf = (digest: string) => `${digest.replace(':', '-')}.att`;
    const foreign = registry.manifest(repository, tagOf(other));
    registry.putManifest(repository, foreign?.bytes ?? '', { tag: tagOf(own) });
    const subject = `${WORKFLOWS}/generator_container_slsa3.yml@refs/tags/v1.8.0`;
    const { code, message } = await judge(`${registry.host}/${repository}@${own}`, policyOf({ subject }));
    assert.equal(code, 'PAYLOAD_DIGEST_MISMATCH', message);
  });
});

suite('an image signed by cosign 3 with a Sigstore on loopback', { skip }, () => {
  const path = (name: string) => vectorsPath('local-sigstore', name);
  const file = (name: string) => readFileSync(path(name));
  const manifest = skip ? Buffer.alloc(0) : file('image.manifest.json');
  const digest = digestOf(manifest);
  const tag = digest.replace(':', '-');
  const bundles = ['github-keyless-sct', 'key-rekor2-tsa', 'key-offline'];
  const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';
  const keyless = (subject = identity, issuer = 'http://127.0.0.1:8090') => [
    ...['--certificate-identity', subject, '--certificate-oidc-issuer', issuer],
    ...['--trusted-root', path('trusted-root.json')],
  ];
  const keyed = ['--key', path('cosign.pub')];

  /** Puts the image into a repository with some of what cosign made of it, and asks the command. */
  async function judgeStored(stored: readonly string[], args: readonly string[]) {
    const registry = await startTestRegistry();
    try {
      registry.putManifest('demo/app', manifest);
      for (const name of stored) {
        if (bundles.includes(name)) registry.putBlob('demo/app', file(`${name}.bundle.json`));
        const isLegacy = name.startsWith('legacy.');
        registry.putManifest(
          'demo/app',
          file(isLegacy ? `${name}.manifest.json` : `${name}.bundle.json.manifest.json`),
          isLegacy ? { tag: `${tag}${name.slice('legacy'.length)}` } : {},
        );
      }
      registry.putBlob('demo/app', payload);
      const image = `${registry.host}/demo/app@${digest}`;
      const { stdout } = await runCommand(['verify', image, ...args, '--output', 'json']);
      return (JSON.parse(stdout) as Report).images[0];
    } finally {
      await registry.close();
    }
  }

  /** Only the manifest of the legacy signature was kept; the payload says nothing that is not known, and its digest says so. */
  const payload = makeLegacyPayload({ digest, dockerReference: '127.0.0.1:5001/demo/app' });

  for (const [name, args] of [
    ['github-keyless-sct', keyless()],
    ['key-rekor2-tsa', keyed],
    ['key-offline', keyed],
    ['legacy.sig', keyed],
  ] as const) {
    test(`${name}: verified`, async () => {
      const report = await judgeStored([name], args);
      assert.equal(report?.code, 'VERIFIED', report?.message);
    });
  }

  for (const [name, stored, args, code] of [
    ['another subject', ['github-keyless-sct'], keyless(`${identity}2`), 'IDENTITY_MISMATCH'],
    [
      'another issuer',
      ['github-keyless-sct'],
      keyless(identity, 'http://127.0.0.1:8091'),
      'IDENTITY_MISMATCH',
    ],
    ['a key for a certificate', ['github-keyless-sct'], keyed, 'BUNDLE_CERTIFICATE'],
    ['a certificate for a key', ['key-rekor2-tsa', 'key-offline'], keyless(), 'CERTIFICATE_MISSING'],
    ['an attestation for a signature', ['legacy.att'], keyed, 'UNSIGNED'],
    ['nothing at all', [], keyed, 'UNSIGNED'],
  ] as const) {
    test(`${name} is denied`, async () => {
      const report = await judgeStored(stored, args);
      assert.equal(report?.code, code, report?.message);
      assert.doesNotMatch(report?.hint ?? '', /--policy/, 'nobody gave one');
    });
  }

  test('an attestation of which only the manifest is there is denied', async () => {
    const policy = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: local }
signers: { key: { key: { file: cosign.pub } } }
rules: [{ name: r, images: ["**"], attestations: [{ type: custom, by: key }] }]
`;
    const folder = folderOf({ 'policy.yaml': policy, 'cosign.pub': file('cosign.pub').toString() });
    const report = await judgeStored(['legacy.att'], ['--policy', folder.path('policy.yaml')]);
    folder.close();
    assert.equal(report?.decision, 'deny');
    assert.equal(report?.code, 'BLOB_NOT_FOUND', report?.message);
  });

  test('all that is stored side by side serves each signer', async () => {
    const all = [...bundles, 'legacy.sig', 'legacy.att'];
    for (const args of [keyed, keyless()]) assert.equal((await judgeStored(all, args))?.code, 'VERIFIED');
  });

  test('each bundle by itself, about the digest of the image', async () => {
    for (const name of bundles) {
      const signer = name === 'github-keyless-sct' ? keyless() : [...keyed, ...keyless().slice(4)];
      const args = ['verify-bundle', '--bundle', path(`${name}.bundle.json`), ...signer];
      assert.equal((await runCommand([...args, digest])).exit, 0, name);
      const other = await runCommand([...args, digestOf(Buffer.from('another'))]);
      assert.match(other.stdout, /^rejected PAYLOAD_DIGEST_MISMATCH/);
    }
  });
});

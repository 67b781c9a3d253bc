// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  attestImage,
  createTestSigstore,
  type DefectScope,
  defectsFor,
  githubIdentity,
  type SigstoreDefect,
  signImageKeyless,
  startTestRegistry,
  type TestRegistry,
} from '../../src/testing/index.ts';
import { cosign, skipWithout } from './tools.ts';
import { verifyJson } from './verify-json.ts';

const identity = githubIdentity('acme/app');
const TYPE = 'https://slsa.dev/provenance/v1';
const FLAGS = [
  '--certificate-identity',
  String(identity.subject),
  '--certificate-oidc-issuer',
  identity.issuer,
];
const FILE = Buffer.from('an artifact');

type Shape = Required<Pick<DefectScope, 'legacy' | 'timestamps'>> & { readonly log: 'v1' | 'v2' };
const SHAPES: Readonly<Record<string, Shape>> = {
  'bundle, Rekor v1': { log: 'v1', timestamps: 0, legacy: false },
  'bundle, Rekor v2': { log: 'v2', timestamps: 1, legacy: false },
  'legacy, Rekor v1': { log: 'v1', timestamps: 0, legacy: true },
  'legacy, Rekor v1 and a timestamp': { log: 'v1', timestamps: 1, legacy: true },
};

const ALWAYS_UNSEEN: ReadonlySet<SigstoreDefect> = new Set([
  'noEku',
  'caLeaf',
  'wrongKeyUsage',
  'twoSans',
  'wrongKindVersion',
]);

/** Whether cosign 3.1.2 lets it pass. */
function isUnseen(defect: SigstoreDefect, what: string, { log, legacy }: Shape): boolean {
  if (defect === 'proofRootMismatch') return log === 'v2';
  if (defect === 'entryForOtherSignature') return legacy && what === 'attestation';
  // The time of the log is enough for it, even where a timestamp is asked for.
  if (defect === 'noTimestamp') return legacy;
  return ALWAYS_UNSEEN.has(defect);
}

describe('what the Sigstore of the tests signs, by the real cosign', { skip: skipWithout('cosign') }, () => {
  const sigstore = createTestSigstore();
  let folder: string;
  let registry: TestRegistry;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-ours-'));
    registry = await startTestRegistry();
    writeFileSync(join(folder, 'root.json'), sigstore.trustedRoot());
    writeFileSync(join(folder, 'file'), FILE);
  });
  after(async () => {
    await registry?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const root = ['--trusted-root', 'root.json'];
  const accepts = async (command: string, shape: Shape, ...args: readonly string[]) => {
    const format = shape.legacy ? ['--new-bundle-format=false'] : [];
    try {
      await cosign(folder, [command, ...root, ...FLAGS, ...stampedFlag(shape), ...format, ...args]);
      return true;
    } catch (error) {
      assert.match((error as { stderr?: string }).stderr ?? '', /^error/im, String(error));
      return false;
    }
  };
  const policyFor = ({ timestamps }: Shape) => {
    const path = join(folder, `policy-${timestamps}.yaml`);
    writeFileSync(
      path,
      `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers:
  app: { keyless: { issuer: "${identity.issuer}", subject: "${identity.subject}", unsafeAnyCaller: true }, timestamps: ${timestamps} }
rules:
  - name: attested
    images: ["${registry.host}/ours/attested"]
    attestations: [{ type: "${TYPE}", by: app }]
  - { name: all, images: ["**"], require: app }
`,
    );
    return ['--policy', path, '--trusted-root', join(folder, 'root.json')];
  };

  for (const [name, shape] of Object.entries(SHAPES)) {
    const { log, timestamps, legacy } = shape;
    const judgeFile = (id: string, defects: readonly SigstoreDefect[]) => {
      const bundle = sigstore.signBundle({ identity, log, timestamps, content: { message: FILE }, defects });
      writeFileSync(join(folder, `${id}.json`), bundle);
      return accepts('verify-blob', shape, '--bundle', `${id}.json`, 'file');
    };
    const judge = async (...defects: readonly SigstoreDefect[]) => {
      const content = `${name} ${defects}`;
      const order = { log, timestamps, format: legacy ? 'legacy' : 'bundle', defects } as const;
      const signed = registry.pushImage('ours/signed', { content });
      const attested = registry.pushImage('ours/attested', { content });
      signImageKeyless(registry, signed, sigstore, identity, order);
      // Timestamps of cosign's older attestations are over the whole envelope.
      const stamped = legacy ? { stamped: 'envelope' as const } : {};
      attestImage(registry, attested, sigstore, { ...order, ...stamped, identity, predicateType: TYPE });
      const ours = policyFor(shape);
      const [signature, attestation, file] = await Promise.all([
        accepts('verify', shape, signed.pinned),
        accepts('verify-attestation', shape, '--type', TYPE, attested.pinned),
        legacy ? undefined : judgeFile(signed.digest.slice(-8), defects),
      ]);
      return {
        cosign: { signature, attestation, ...(file !== undefined && { file }) },
        countersign: {
          signature: (await verifyJson(signed.pinned, ours)).verdict === 'verified',
          attestation: (await verifyJson(attested.pinned, ours)).verdict === 'verified',
        },
      };
    };

    test(`${name}: verified by both`, async () => {
      const all = { signature: true, attestation: true };
      const found = await judge();
      assert.deepEqual(found.countersign, all);
      assert.deepEqual(found.cosign, { ...all, ...(!legacy && { file: true }) });
    });

    for (const defect of defectsOf(shape)) {
      test(`${name}, ${defect}: refused`, async () => {
        const found = await judge(defect);
        assert.deepEqual(found.countersign, { signature: false, attestation: false });
        for (const [what, accepted] of Object.entries(found.cosign)) {
          assert.equal(accepted, isUnseen(defect, what, shape), `the ${what}, by cosign`);
        }
      });
    }
  }
});

/** Defects of what has timestamps without a need are those of the timestamps; the others are tried without. */
function defectsOf(shape: Shape): readonly SigstoreDefect[] {
  const possible = defectsFor(shape);
  if (shape.timestamps === 0 || shape.log === 'v2') return possible;
  const without = new Set(defectsFor({ ...shape, timestamps: 0 }));
  return possible.filter((defect) => !without.has(defect));
}

function stampedFlag({ timestamps }: Shape): readonly string[] {
  return timestamps > 0 ? ['--use-signed-timestamps'] : [];
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { compilePolicy, type Where } from '../../src/policy/index.ts';

const EXAMPLES = new URL('../../examples/policies/', import.meta.url);
const VECTORS = new URL('../../../shared/vectors/', import.meta.url);
const NOW = Date.parse('2026-11-22T12:00:00Z');

function conditionOf(name: string): Where {
  const readFile = (file: string) => readFileSync(new URL(file, EXAMPLES), 'utf8');
  const policy = compilePolicy(readFile(`${name}.yaml`), { source: name, readFile });
  const where = policy.rules[0]?.attestations?.[0]?.where;
  assert.ok(where);
  return where;
}

/** Whether the condition of an example holds; a code where it has no value. */
function holds(name: string, predicate: unknown): boolean | string {
  const image = { registry: 'ghcr.io', repository: 'acme/web', digest: 'sha256:ab', tag: '1' };
  try {
    return conditionOf(name).evaluate({ predicate, subject: [], image, now: NOW });
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const workflow = { ref: 'refs/heads/main', repository: 'https://github.com/acme/web', path: 'release.yaml' };
const github = { runner_environment: 'github-hosted' };
const buildDefinition = {
  buildType: 'https://actions.github.io/buildtypes/workflow/v1',
  externalParameters: { workflow },
  internalParameters: { github },
};
const elsewhere = (change: object) => ({
  buildDefinition: { ...buildDefinition, externalParameters: { workflow: { ...workflow, ...change } } },
});
const scanned = (scanFinishedOn: string) => ({ metadata: { scanFinishedOn } });
const spdx = (licenseConcluded: string) => ({
  spdxVersion: 'SPDX-2.3',
  packages: [{ name: 'a' }, { name: 'b', licenseConcluded }],
});
const component = (purl: string) => ({ bomFormat: 'CycloneDX', components: [{ name: 'a' }, { purl }] });
const LOG4J = 'pkg:maven/org.apache.logging.log4j/log4j-core@2';
const vex = (name: string, status: string) => ({
  statements: [
    { vulnerability: { name: 'CVE-2020-1' }, status: 'affected' },
    { vulnerability: { name }, status },
  ],
});

const ROWS: readonly (readonly [example: string, predicate: unknown, wanted: boolean | string])[] = [
  ['slsa-provenance-v1', { buildDefinition }, true],
  ['slsa-provenance-v1', elsewhere({ ref: 'refs/heads/evil' }), false],
  ['slsa-provenance-v1', elsewhere({ repository: 'https://github.com/acme-evil/web' }), false],
  ['slsa-provenance-v1', { buildDefinition: { ...buildDefinition, internalParameters: {} } }, 'WHERE_FAILED'],
  ['slsa-provenance-v1', {}, 'WHERE_FAILED'],
  ['github-attestations-public', { buildDefinition }, true],
  ['github-attestations-private', { buildDefinition }, true],
  ['github-attestations-private', elsewhere({ ref: 'refs/tags/x' }), false],
  ['sbom-spdx', spdx('MIT'), true],
  ['sbom-spdx', spdx('LGPL-2.1-only'), true],
  ['sbom-spdx', spdx('MIT AND AGPL-3.0-only'), false],
  ['sbom-spdx', { spdxVersion: 'SPDX-2.3', packages: [] }, false],
  ['sbom-cyclonedx', component(`${LOG4J}.17.1`), true],
  ['sbom-cyclonedx', component(`${LOG4J}.14.1`), false],
  ['sbom-cyclonedx', component(`${LOG4J}.3`), false],
  ['sbom-cyclonedx', { bomFormat: 'CycloneDX' }, 'WHERE_FAILED'],
  ['vulnerability-scan-age', scanned('2026-11-21T03:00:00.123456789Z'), true],
  ['vulnerability-scan-age', scanned('2026-11-15T14:00:00+02:00'), false],
  ['vulnerability-scan-age', scanned('2036-01-01T00:00:00Z'), false],
  ['vulnerability-scan-age', scanned('recently'), 'WHERE_FAILED'],
  ['openvex', vex('CVE-2021-44228', 'not_affected'), true],
  ['openvex', vex('CVE-2021-44228', 'affected'), false],
  ['openvex', vex('CVE-2021-45046', 'under_investigation'), false],
  ['openvex', { statements: [{ status: 'affected' }] }, 'WHERE_FAILED'],
];

describe('the conditions of the examples', () => {
  for (const [example, predicate, wanted] of ROWS) {
    test(`${example}: ${JSON.stringify(predicate).slice(0, 60)}`, () => {
      assert.equal(holds(example, predicate), wanted);
    });
  }
});

describe('the conditions of the examples, of real provenance', {
  skip: !existsSync(VECTORS) && 'no vectors',
}, () => {
  const read = (file: string) => {
    const { dsseEnvelope, payload } = JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'));
    return Buffer.from(dsseEnvelope?.payload ?? payload, 'base64').toString();
  };
  const rows = [
    [
      'slsa-provenance-v1',
      'conformance/happy-path-intoto-in-dsse-v3/bundle.sigstore.json',
      'loosebazooka/aa-test',
    ],
    [
      'slsa-provenance-v02',
      'slsa-layouts/v1.4.0/blobs/sha256/784c5bd14237b9a979fd0251f01dcc7956f06da243ca1e9c52470c410e53c654',
      'slsa-framework/example-package',
    ],
    [
      'slsa-provenance-v02',
      'slsa-layouts/v1.10.0/blobs/sha256/20b16d5835eceaa7b9dbb7e4fdf4db52a8b9159c1416dd73e54cade07e838917',
      'slsa-framework/example-package',
    ],
  ] as const;
  for (const [example, file, repository] of rows) {
    test(`${example}: ${file.slice(0, 40)}`, () => {
      const statement = read(file);
      assert.equal(holds(example, JSON.parse(statement).predicate), false);
      const ours = statement.replaceAll(repository, 'acme/web');
      assert.equal(holds(example, JSON.parse(ours).predicate), true);
    });
  }
});

// SPDX-License-Identifier: Apache-2.0
import { WANTED } from './keyless-images.ts';

/** The condition of the demo, as it stands in the policy. */
const BUILT_FROM_MAIN = 'predicate.buildDefinition.externalParameters.workflow.ref == \\"refs/heads/main\\"';

/** The policy of the demo: keys first, then identities, then a demand for provenance. */
export function policyFor(host: string): string {
  const until = new Date(Date.now() + 90 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: demo }

signers:
  release: { key: { file: release.pub } }
  security: { key: { file: security.pub } }
  quality: { key: { file: quality.pub } }
  pipeline:
    keyless:
      issuer: ${WANTED.issuer}
      subject: ${WANTED.subject}
      claims: { sourceRepositoryURI: https://github.com/acme/shop }

rules:
  - name: payments
    images: ["${host}/payments/**"]
    require: { atLeast: 2, of: [release, security, quality] }
  - name: acme
    images: ["${host}/acme/**"]
    require: release
  - name: vendor-redis
    images: ["${host}/vendor/redis"]
    allow: { reason: "unsigned upstream, reviewed", until: ${until} }
  - name: shop
    images: ["${host}/shop/**"]
    require: pipeline
  - name: provenance
    images: ["${host}/proven/**"]
    require: pipeline
    attestations:
      - { type: "https://slsa.dev/provenance/v1", by: pipeline, where: "${BUILT_FROM_MAIN}" }
`;
}

/** The Config of the demo: a registry, and a trust root on disk, so that no service of Sigstore is ever asked. */
export function configFor(host: string): string {
  return `apiVersion: countersign.dev/v1
kind: Config
registries:
  "${host}": { unsafePlainHttp: true }
trustRoots:
  default: { file: trusted_root.json }
`;
}

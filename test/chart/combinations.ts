// SPDX-License-Identifier: Apache-2.0
import { createTestCa, createTestKey } from '../../src/testing/index.ts';
import { DIGEST, REPOSITORY } from '../support/helm.ts';

const ca = createTestCa().certificate;
/** Enough of one for the chart, which does not read it. */
const TRUSTED_ROOT = '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}';

/** A policy as a user gives it to the chart: without modes. */
export const POLICY = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }
signers:
  release: { key: { file: cosign.pub } }
rules:
  - name: acme
    images: ["registry.acme.example/**"]
    require: release
`;
export const POLICIES = { 'acme.yaml': POLICY, 'cosign.pub': createTestKey('ecdsa-p256').publicKeyPem };

/** Values that together take every branch of every template. */
export const COMBINATIONS: Readonly<Record<string, object>> = {
  defaults: {},
  enforced: {
    image: { repository: REPOSITORY, digest: DIGEST },
    policies: POLICIES,
    enforce: { namespaces: ['shop', 'trust'] },
    warn: { namespaces: ['staging'] },
    networkPolicy: { enabled: true },
    pullSecrets: { namespaces: ['shop', 'staging'] },
    registryCredentials: { existingSecret: 'registry' },
    clientCa: ca,
  },
  'modes in the policies': {
    policies: { ...POLICIES, 'acme.yaml': `${POLICY}modes: [{ namespaces: ["*"], mode: warn }]\n` },
    modes: { from: 'policies' },
    enforce: { namespaces: ['shop'] },
  },
  'given certificate': {
    certificate: { mode: 'files', existingSecret: 'given', caBundle: ca },
    imagePullSecrets: [{ name: 'ours' }],
    podDisruptionBudget: { enabled: false },
    priorityClassName: '',
    extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy.acme.example:3128' }],
  },
  'cert-manager': {
    certificate: { mode: 'cert-manager' },
    pullSecrets: { namespaces: ['*'] },
    podAnnotations: { team: 'platform' },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ operator: 'Exists' }],
  },
  'cert-manager with an issuer': {
    certificate: { mode: 'cert-manager', issuerRef: { name: 'acme', kind: 'ClusterIssuer' } },
    config: {
      registries: { 'registry.corp.example': { ca: { file: 'corp.pem' } } },
      pullSecrets: [
        { name: 'pull' },
        { name: 'pull', namespace: 'shop' },
        { name: 'other', namespace: 'shop' },
      ],
    },
    configFiles: { 'corp.pem': ca },
    configSecret: 'clients',
  },
  'trust roots': {
    config: { trustRoots: { default: { tuf: {} }, pki: { file: '/etc/countersign/trust-files/pki.json' } } },
    trust: { roots: { corp: TRUSTED_ROOT }, existingConfigMap: 'roots' },
  },
};

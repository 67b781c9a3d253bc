// SPDX-License-Identifier: Apache-2.0
import type { CodeEntry } from './entry.ts';

/** What can be wrong with a policy, a configuration or a command line. */
export const USAGE_CODES = {
  USAGE: {
    class: 'usage',
    meaning: 'The command line is wrong.',
    hint: 'see: countersign --help',
  },
  POLICY_INVALID: {
    class: 'usage',
    meaning: 'The policy document has errors; all of them are listed.',
    hint: 'see docs/reference/policy.md, or: countersign policy schema',
  },
  CONFIG_INVALID: {
    class: 'usage',
    meaning: 'The Config document has errors; all of them are listed.',
    hint: 'see docs/reference/config.md',
  },
  PROXY_INVALID: {
    class: 'usage',
    meaning: 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy.',
    hint: 'write it as http://HOST:PORT, with USER:PASSWORD@ before the host if the proxy wants them',
  },
  FILE_UNREADABLE: {
    class: 'usage',
    meaning: 'A file that was named cannot be read.',
    hint: 'check path and permissions',
  },
  KEY_INVALID: {
    class: 'usage',
    meaning: 'What should be a public key is not a PEM key of a kind that is supported.',
    hint: 'supported: ECDSA P-256/384/521, RSA 2048-4096, Ed25519, as PEM "PUBLIC KEY"',
  },
  TRUST_ROOT_INVALID: {
    class: 'usage',
    meaning:
      'A trust root is not a Sigstore trusted_root.json, or a file of one is not the PEM it should be.',
    hint: 'take it from where it is published: a TUF repository, or cosign trusted-root create',
  },
  TRUST_ROOT_UNKNOWN: {
    class: 'usage',
    meaning: 'A signer of a policy names a trust root that the Config does not have.',
    hint: 'add it under trustRoots of the Config (docs/reference/config.md), and give that with --config',
  },
  TRUST_ROOT_MISSING: {
    class: 'inconclusive',
    meaning: 'A trust root comes from a TUF repository that was never reached from here.',
    hint: 'fetch it: countersign trust update --config FILE',
  },
  TRUST_REFRESH_FAILED: {
    class: 'inconclusive',
    meaning:
      'A TUF repository could not be asked, or what it holds is expired, older than what was seen before, or not signed as it must be. The last good trust root stays in force.',
    hint: 'check that its host can be reached (HTTPS_PROXY), and tuf of the Config; see docs/how-to/trust-roots.md',
  },
  KUBECONFIG_INVALID: {
    class: 'usage',
    meaning: 'The kubeconfig file, or the mounted ServiceAccount, does not say how to reach an API server.',
    hint: 'check it with: kubectl --kubeconfig FILE config view --minify',
  },
  KUBECONFIG_UNSUPPORTED: {
    class: 'usage',
    meaning:
      'The kubeconfig file asks for a way of access that Countersign does not use: helper programs, passwords, impersonation, or TLS without a check.',
    hint: 'use a token, a tokenFile or a client certificate, and the CA of the cluster',
  },
  LISTEN_FAILED: {
    class: 'usage',
    meaning:
      'A listener could not bind its address, or the certificate or the client authorities cannot be used.',
    hint: 'check --listen, --probe-listen, --tls-cert, --tls-key and --client-ca',
  },
  MANIFEST_INVALID: {
    class: 'usage',
    meaning: 'A file given to check is not YAML or JSON with Kubernetes objects.',
    hint: 'render it first: helm template CHART (or kubectl kustomize DIR) | countersign check - --policy FILE',
  },
} as const satisfies Record<string, CodeEntry>;

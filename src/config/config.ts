// SPDX-License-Identifier: Apache-2.0
import type { Mirror } from './mirror.ts';
import { DEFAULT_TRUST_ROOT, type TrustRootConfig, UNNAMED_DEFAULT } from './trust-root-config.ts';

/** Who we are in TLS: a certificate, with those that lead to its authority after it, and its private key. PEM. */
export type ClientCertificate = { readonly certificate: string; readonly privateKey: string };

/** How this installation reaches one host. */
export type RegistryConfig = {
  /** PEM certificates trusted for this host and its token server, beside the usual roots. */
  readonly ca?: string;
  /** What is shown to this host where it asks for a certificate; to no other, its token server included. */
  readonly clientCertificate?: ClientCertificate;
  /** `host` or `host:port` that credentials for this registry may be sent to when it asks for a token. */
  readonly tokenServer?: string;
  /** Asked first for what is named by digest. */
  readonly mirror?: Mirror;
  /** The mirror is asked first for tags and lists of signatures too, and believed. */
  readonly unsafeMirrorTags?: boolean;
  /** Speak plain HTTP to this host. */
  readonly unsafePlainHttp?: boolean;
};

/** How this installation reaches the world, as opposed to the policy, which says who is trusted. */
export type Config = {
  /** By canonical registry name: `docker.io`, `registry.corp.example`, `127.0.0.1:5000`. */
  readonly registries: ReadonlyMap<string, RegistryConfig>;
  readonly cache: {
    /** Seconds that "this tag gives that digest" is believed; 0 asks the registry each time. */
    readonly tagSeconds: number;
  };
  /** Secrets of credentials that are used for every image; without a namespace: our own. */
  readonly pullSecrets: readonly { readonly name: string; readonly namespace?: string | undefined }[];
  /** User names of the controllers whose objects are made from templates that were judged before. */
  readonly controllers: readonly string[];
  /** Where trust roots come from, by the name that signers give. `default` is always among them. */
  readonly trustRoots: ReadonlyMap<string, TrustRootConfig>;
};

/** As kube-controller-manager names them with `--use-service-account-credentials`, as kubeadm and the managed clusters have it. */
const CONTROLLERS = [
  'deployment',
  'replicaset',
  'statefulset',
  'daemon-set',
  'job',
  'cronjob',
  'replication',
];

/** What holds where no Config is given. */
export const DEFAULT_CONFIG: Config = Object.freeze({
  registries: new Map<string, RegistryConfig>(),
  cache: Object.freeze({ tagSeconds: 30 }),
  pullSecrets: Object.freeze([]),
  controllers: Object.freeze(
    CONTROLLERS.map((name) => `system:serviceaccount:kube-system:${name}-controller`),
  ),
  trustRoots: new Map([[DEFAULT_TRUST_ROOT, UNNAMED_DEFAULT]]),
});

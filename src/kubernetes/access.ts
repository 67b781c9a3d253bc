// SPDX-License-Identifier: Apache-2.0
import type { TextSource } from './mounted-text.ts';

/** How to reach an API server, and as whom. Nothing in it may land in a log. */
export type KubernetesAccess = {
  /** Always https; a path is the prefix of every API path (some proxies in front of clusters have one). */
  readonly server: URL;
  /** PEM certificates that alone are trusted; absent: those that Node trusts. */
  readonly ca?: TextSource;
  /** The name that the certificate of the server must have, where it is not the host of `server`. */
  readonly serverName?: string;
  /** The bearer token. */
  readonly token?: TextSource;
  /** PEM texts. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
  /** The namespace that goes with this access: the ServiceAccount's, or the context's. */
  readonly namespace?: string;
};

// SPDX-License-Identifier: Apache-2.0
export { createRegistry, type RegistryOptions } from './client.ts';
export { combineCredentials } from './combine-credentials.ts';
export {
  type Credential,
  type Credentials,
  identityCredential,
  NO_CREDENTIALS,
  passwordCredential,
} from './credential.ts';
export type { Descriptor } from './descriptor.ts';
export { type DockerCredentials, parseDockerCfg, parseDockerConfig } from './docker-config.ts';
export { loadDockerCredentials } from './docker-credentials.ts';
export type { Exchange, RequestKind } from './exchange.ts';
export { createFileClient, type FileClient } from './file-client.ts';
export { type IndexEntry, parseImageIndex } from './image-index.ts';
export { type Manifest, type ParsedManifest, parseManifest } from './manifest.ts';
export type { ProxySettings } from './proxies.ts';
export { apiHost } from './reach.ts';
export type { Registry } from './registry.ts';
export { createSharedFlights } from './shared-flight.ts';
export type { TransportOptions } from './transport.ts';

// SPDX-License-Identifier: Apache-2.0
export { type Config, DEFAULT_CONFIG, type RegistryConfig } from './config.ts';
export { ConfigError, type ConfigIssue } from './config-error.ts';
export { loadPolicies } from './load-policies.ts';
export { loadConfigFile, parseConfig } from './parse-config.ts';
export type { TrustRootConfig } from './trust-root-config.ts';
export { readable } from './unreadable.ts';

// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import type { Repository } from '../image/reference.ts';
import { parseRegistry } from '../image/registry-host.ts';

/** Spellings of Docker Hub in `auths`; the first that is there wins. */
const DOCKER_HUB = ['index.docker.io', 'docker.io', 'registry-1.docker.io'];

/**
 * What a key of `auths` is for, as canonical `registry` or `registry/path`: the key is `https://host/v1/`, `host` or
 * `host:port/path`. `rank` orders the spellings of one scope: the least is the one that counts.
 *
 * @throws CONFIG_INVALID, REFERENCE_INVALID
 */
export function parseScope(key: string): { readonly scope: string; readonly rank: number } {
  const bare = key.replace(/^https?:\/\//i, '').replace(/^([^/]+)\/v[12]\/?$/, '$1');
  if (bare.includes('@')) throw new CountersignError('CONFIG_INVALID', 'a host has no user name');
  const slash = bare.indexOf('/');
  const host = slash === -1 ? bare : bare.slice(0, slash);
  const rank = DOCKER_HUB.indexOf(host.toLowerCase());
  const registry = rank === -1 ? parseRegistry(host) : 'docker.io';
  const path = slash === -1 ? '' : bare.slice(slash).replace(/\/+$/, '');
  return { scope: registry + path, rank };
}

/** The key for messages: somebody may have written the password there as well. */
export function withoutUser(key: string): string {
  return key.replace(/^.*@/s, '');
}

/**
 * The scopes that a repository is in, the longest first. By segment, as patterns match: `reg.io/corp` is neither for
 * `reg.io/corp-evil` nor for `reg.io.evil.example`.
 */
export function scopesOf({ registry, repository }: Repository): readonly string[] {
  const scopes: string[] = [];
  for (let scope = `${registry}/${repository}`; scope !== ''; scope = parentOf(scope)) scopes.push(scope);
  return scopes;
}

/** One segment less; `''` above the registry. */
function parentOf(scope: string): string {
  return scope.slice(0, Math.max(0, scope.lastIndexOf('/')));
}

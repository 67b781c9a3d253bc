// SPDX-License-Identifier: Apache-2.0

import { createHmac, randomBytes } from 'node:crypto';
import type { Repository } from '../image/reference.ts';
import { LIMITS } from '../limits.ts';
import type { Tenants } from '../sharing/index.ts';

/** What proves to a registry who asks. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string; readonly id: string }
  /** An identity token: exchanged at the token server, of no use to the registry itself. */
  | { readonly kind: 'identity'; readonly token: string; readonly id: string };

/** For whom a program is asked: it waits under `wait` in the lines of its tenants, until `signal` aborts. */
export type CredentialAsker = {
  readonly signal: AbortSignal;
  readonly tenants?: Tenants;
  readonly wait?: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Which credentials are for which repository. */
export interface Credentials {
  /** The credentials for the repository, best first; none: ask as nobody. */
  find(repository: Repository): readonly Credential[];
  /**
   * Finds out what {@link Credentials.find} gives, where a program has to be asked for that; `undefined` where it is
   * known. Absent: it always is. @throws REGISTRY_UNAUTHORIZED where that fails: nobody is asked as nobody instead
   */
  ready?(repository: Repository, asker: CredentialAsker): Promise<void> | undefined;
  /** Called when all that `find` gave was refused: whether there is something else now. */
  renew?(repository: Repository, asker: CredentialAsker): Promise<boolean>;
  /** What was found and cannot be used, for people to read; never a secret. */
  readonly warnings: readonly string[];
}

const NONE: readonly Credential[] = [];

/** Asks as nobody. */
export const NO_CREDENTIALS: Credentials = { find: () => NONE, warnings: [] };

const salt = randomBytes(32);

/** A user name and password as a credential. */
export function passwordCredential(username: string, password: string): Credential {
  return { kind: 'password', username, password, id: fingerprint('password', username, password) };
}

/** An identity token as a credential. */
export function identityCredential(token: string): Credential {
  return { kind: 'identity', token, id: fingerprint('identity', token) };
}

/**
 * All that would be tried for a repository, in this order, without repetitions: what the asker brings, then our
 * own; at most {@link LIMITS}.credentialsTried.
 */
export function credentialsFor(
  repository: Repository,
  brought: Credentials | undefined,
  own: Credentials,
): readonly Credential[] {
  const ours = own.find(repository);
  const theirs = brought === undefined ? NONE : brought.find(repository);
  const all = theirs.length === 0 ? ours : [...theirs, ...ours];
  if (all.length < 2) return all;
  return [...new Map(all.map((one) => [one.id, one])).values()].slice(0, LIMITS.credentialsTried);
}

/** Tells ordered sets of credentials apart in cache keys, as their ids do credentials; `''` for none. */
export function idOf(credentials: readonly Credential[]): string {
  const [first] = credentials;
  if (first === undefined || credentials.length === 1) return first?.id ?? '';
  return credentials.map(({ id }) => id).join('+');
}

/** Tells credentials apart in cache keys, in this process only; nothing can be learned from it. */
function fingerprint(...parts: readonly string[]): string {
  return createHmac('sha256', salt).update(JSON.stringify(parts)).digest('base64url');
}

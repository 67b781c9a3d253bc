// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomBytes } from 'node:crypto';
import type { Repository } from '../image/reference.ts';

/** What proves to a registry who asks. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string; readonly id: string }
  /** An identity token: exchanged at the token server, of no use to the registry itself. */
  | { readonly kind: 'identity'; readonly token: string; readonly id: string };

/** Which credential is for which repository. */
export interface Credentials {
  /** The credential for the repository, `undefined` to ask as nobody. */
  find(repository: Repository): Credential | undefined;
  /** What was found and cannot be used, for people to read; never a secret. */
  readonly warnings: readonly string[];
}

/** Asks as nobody. */
export const NO_CREDENTIALS: Credentials = { find: () => undefined, warnings: [] };

const salt = randomBytes(32);

/** A user name and password as a credential. */
export function passwordCredential(username: string, password: string): Credential {
  return { kind: 'password', username, password, id: fingerprint('password', username, password) };
}

/** An identity token as a credential. */
export function identityCredential(token: string): Credential {
  return { kind: 'identity', token, id: fingerprint('identity', token) };
}

/** Tells credentials apart in cache keys, in this process only; nothing can be learned from it. */
function fingerprint(...parts: readonly string[]): string {
  return createHmac('sha256', salt).update(JSON.stringify(parts)).digest('base64url');
}

// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { CountersignError } from '../errors.ts';
import { quote } from './quote.ts';

/** `algorithm:hex`, lower case, of exactly the algorithm's length (OCI image specification, "Digests"). */
export type Digest = `sha256:${string}` | `sha512:${string}`;

type DigestAlgorithm = 'sha256' | 'sha512';

/** Both registered algorithms of the OCI specification, each with its one valid form. */
const FORMS = [/^sha256:[0-9a-f]{64}$/, /^sha512:[0-9a-f]{128}$/] as const;

/**
 * The text as a digest.
 *
 * Attacker input: upper-case hex, other lengths and other algorithms are refused, so that two spellings
 * of one digest never exist and a string comparison is a comparison of digests.
 *
 * @throws DIGEST_INVALID
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new CountersignError(
    'DIGEST_INVALID',
    `not a digest: ${quote(text)} (allowed: sha256: and 64, or sha512: and 128 lower-case hex digits)`,
  );
}

/** Whether the text is a digest that {@link parseDigest} accepts. */
export function isDigest(text: string): text is Digest {
  return FORMS.some((form) => form.test(text));
}

/** The digest of the bytes. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return `${algorithm}:${hash(algorithm, bytes, 'hex')}`;
}

/** The digest in the form a tag may have, `sha256-<hex>`: what signature and referrers tags start with. */
export function digestTag(digest: Digest): string {
  return digest.replace(':', '-');
}

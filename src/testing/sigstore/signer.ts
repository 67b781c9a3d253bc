// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { createTestKey, type TestKey } from '../keys.ts';
import { type SignContentOptions, type SignedContent, signContent, type TestContent } from './content.ts';
import type { LoggableVerifier } from './entry-body.ts';
import { issueLeaf, type TestLeaf } from './leaf.ts';
import type { KeylessOptions, Signed } from './sign-options.ts';
import type { World } from './world.ts';

/** The key that signs; with a certificate where there is an identity. */
export function signerOf(
  world: World,
  { identity, key, leaf = {}, defects = [] }: KeylessOptions,
  time: number,
): Pick<Signed, 'key' | 'leaf'> {
  if (identity) {
    const issued = issueLeaf(world, identity, {
      notBefore: time - 5_000,
      ...(key && { key }),
      ...leaf,
      defects,
    });
    return { key: issued.key, leaf: issued };
  }
  if (key) return { key };
  throw new Error('give an identity or a key');
}

/** By what the log says that the signature verifies. */
export function verifierOf({
  key,
  leaf,
}: Pick<Signed, 'key' | 'leaf'>): LoggableVerifier & Pick<Signed, 'key'> {
  return leaf ? { key, certificate: leaf.certificate } : { key };
}

/** A second certificate for the same identity. */
export function another(world: World, options: KeylessOptions, time: number, key: TestKey): TestLeaf {
  if (!options.identity) throw new Error('without an identity there is no certificate');
  return issueLeaf(world, options.identity, { notBefore: time - 5_000, ...options.leaf, key });
}

/** A true signature of somebody else over something else, of the same form. */
export function otherSignature(
  world: World,
  content: TestContent,
  options: KeylessOptions,
  time: number,
  format: SignContentOptions,
): { readonly content: SignedContent; readonly verifier: LoggableVerifier } {
  const key = createTestKey(options.leaf?.key?.kind ?? options.key?.kind ?? world.leafKey);
  const text = randomBytes(16).toString('hex');
  const signed = signContent(
    key,
    'statement' in content ? { statement: `{"_type":"${text}"}` } : { message: text },
    format,
  );
  return {
    content: signed,
    verifier: options.identity ? verifierOf({ key, leaf: another(world, options, time, key) }) : { key },
  };
}

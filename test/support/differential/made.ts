// SPDX-License-Identifier: Apache-2.0
import {
  createTestSigstore,
  githubIdentity,
  makeStatement,
  type TestBundleOptions,
  type TestIdentity,
  type TestSigstore,
} from '../../../src/testing/index.ts';
import type { CaseSigner, DifferentialCase } from './case.ts';

const NOW = Date.UTC(2026, 4, 1, 12);

/** The Sigstore that makes the bundles. */
export const WORLD = createTestSigstore({ now: NOW, certificateLogs: 2, timestampAuthorities: 2 });
export const ROOT = WORLD.trustedRoot();

/** The manifest of the image that statements are about, and that messages are. */
export const MANIFEST = Buffer.from('{"schemaVersion":2}');
/** SHA-256 of {@link MANIFEST}. */
export const DIGEST = 'sha256:bafebd36189ad3688b7b3915ea55d461e0bfcfbdde11e54b0a123999fb6be50f';
export const PIPELINE = githubIdentity('acme/web');

/** What is signed. */
export const CONTENTS = {
  statement: { statement: makeStatement({ digest: DIGEST }) },
  message: { message: MANIFEST },
} as const;

type Made = Omit<TestBundleOptions, 'content'> & {
  readonly content: keyof typeof CONTENTS;
  readonly world?: TestSigstore;
};

/** A case of a bundle made by {@link WORLD}; who signs it is wanted, unless said otherwise. */
export function made(
  name: string,
  { content, world = WORLD, ...options }: Made,
  rest: Partial<DifferentialCase> = {},
): DifferentialCase {
  const { identity = PIPELINE, key } = options;
  const isKeyed = options.identity === undefined && key !== undefined;
  const signer = isKeyed ? { key: key.publicKeyPem } : signerOf(identity);
  return {
    name: `${name}, ${content}`,
    bundle: world.signBundle({ ...options, ...(!isKeyed && { identity }), content: CONTENTS[content] }),
    trustedRoot: world === WORLD ? ROOT : world.trustedRoot(),
    signer,
    artifact: MANIFEST,
    ...rest,
  };
}

/** The identity, as the certificate has it. */
export function signerOf({ issuer, subject }: TestIdentity): CaseSigner {
  return { identity: typeof subject === 'string' ? subject : subject.value, issuer };
}

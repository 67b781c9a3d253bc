// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { sequence } from '../../src/certificate/der.ts';
import { type Code, CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  createTestSigstore,
  githubIdentity,
  type LeafOptions,
  makeStatement,
  type TestIdentity,
} from '../../src/testing/index.ts';
import { artifactOfDigest, parseTrustRoot, readBundle, verifyReadBundle } from '../../src/verify/index.ts';
import { keylessSignerOf } from './keyless.ts';
import { IMAGE, NOW } from './verification.ts';

/** A Sigstore for what is hostile, and who signs in it. */
export const SIGSTORE = createTestSigstore({ now: NOW });
export const IDENTITY = githubIdentity('acme/web');
const ROOT = parseTrustRoot('default', SIGSTORE.trustedRoot());
/** The one trust root. */
export const TRUST = { fingerprint: 'x', roots: new Map([['default', ROOT]]) };
/** What is signed. */
export const ARTIFACT = artifactOfDigest(IMAGE.digest);
const content = { statement: makeStatement({ digest: IMAGE.digest }) };
/** A policy's signer that wants this identity and a claim. */
export const signerFor = ({ issuer, subject }: TestIdentity) =>
  keylessSignerOf(JSON.stringify({ issuer, subject, claims: { runnerEnvironment: 'github-hosted' } }));
/** The one who signs. */
export const SIGNER = signerFor(IDENTITY);

// biome-ignore lint/suspicious/noExplicitAny: any place of any bundle is written to
export type Json = any;

/** As bundles write bytes. */
export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
/** A bundle that holds, but for the edit. */
export const bundle = (edit: (bundle: Json) => void, options = {}) =>
  SIGSTORE.signBundle({ identity: IDENTITY, content, ...options, edit });
/** Its log entry. */
export const entryOf = (json: Json) => json.verificationMaterial.tlogEntries[0];

/** What is said of a bundle as one of {@link SIGNER}. */
export function verify(bytes: Uint8Array): Code {
  try {
    verifyReadBundle(readBundle(bytes), SIGNER, ARTIFACT, NOW, TRUST);
    return 'VERIFIED';
  } catch (error) {
    assert.ok(error instanceof CountersignError, `${error}`);
    return error.code;
  }
}

/** Each value holds the next, to about so many bytes. */
export function nested(bytes: number): Buffer {
  let value: Buffer = Buffer.of(0x05, 0x00);
  while (value.length < bytes) value = sequence(value);
  return value;
}

/** A certificate, DER. */
export const certificate = (identity: TestIdentity, leaf: LeafOptions = {}) =>
  SIGSTORE.issue(identity, leaf).certificate;
/** As long as a name or claim may be, or longer. */
export function longText(more = 0): string {
  return 'x'.repeat(LIMITS.identityBytes + more);
}

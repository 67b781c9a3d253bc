// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { createTestKey, type TestKey, type TestKeyKind } from '../keys.ts';
import {
  authorityConstraint,
  encodeName,
  extendedKeyUsage,
  keyIdentifiers,
  keyUsage,
  signCertificate,
  type TestUsage,
} from './x509.ts';

/** An authority: the key that issues, its name, and its chain. */
export type TestIssuer = {
  readonly key: TestKey;
  /** Name, DER. */
  readonly name: Buffer;
  /** Certificates, DER: the one that issues first, the root last. */
  readonly chain: readonly Buffer[];
};

export type TestIssuerOptions = {
  readonly organization: string;
  readonly commonName: string;
  /** Milliseconds since the epoch, of every certificate of the chain. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** What the intermediate may issue for. */
  readonly usage: TestUsage;
  /** Whether an intermediate issues, or the root itself. Default true. */
  readonly intermediate?: boolean;
  /** Default `ecdsa-p384`, as Fulcio's. */
  readonly keyKind?: TestKeyKind;
};

/** Makes a root and an intermediate that it signed, as Fulcio has them. */
export function createTestIssuer(options: TestIssuerOptions): TestIssuer {
  const { organization, commonName, intermediate = true, keyKind = 'ecdsa-p384' } = options;
  const rootKey = createTestKey(keyKind);
  const rootName = encodeName(organization, commonName);
  const root = certify(options, { name: rootName, key: rootKey }, rootName, rootKey.publicKey);
  if (!intermediate) return { key: rootKey, name: rootName, chain: [root] };
  const key = createTestKey(keyKind);
  const name = encodeName(organization, `${commonName}-intermediate`);
  const certificate = certify(options, { name: rootName, key: rootKey }, name, key.publicKey);
  return { key, name, chain: [certificate, root] };
}

function certify(
  { notBefore, notAfter, usage }: TestIssuerOptions,
  issuer: { readonly name: Buffer; readonly key: TestKey },
  subject: Buffer,
  publicKey: KeyObject,
): Buffer {
  const isRoot = issuer.name === subject;
  const purpose = isRoot ? [authorityConstraint()] : [authorityConstraint(0), extendedKeyUsage([usage])];
  const extensions = [
    keyUsage('keyCertSign'),
    ...purpose,
    ...keyIdentifiers(publicKey, issuer.key.publicKey),
  ];
  return signCertificate(
    { issuer: issuer.name, subject, notBefore, notAfter, publicKey, extensions },
    issuer.key,
  );
}

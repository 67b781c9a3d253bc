// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { issueCertificate } from './issue.ts';

/** PEM texts of a certificate and its private key. */
export type KeyPair = { readonly certificate: string; readonly key: string };

/** How far back a certificate begins at most: the clocks of a cluster differ. */
const BACKDATED_MS = 3_600_000;

/** Makes an authority of this common name (ECDSA P-256), valid from now on; times are milliseconds. */
export function createAuthority(name: string, now: number, lifetimeMs: number): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const self = { name, ...keys };
  const certificate = issueCertificate(self, self, validity(now, lifetimeMs), { kind: 'authority' });
  return { certificate, key: exportPrivate(keys.privateKey) };
}

/** Makes a certificate for a server with these DNS names, signed by the authority `name`, with a key of its own. */
export function createLeaf(
  authority: KeyPair & { readonly name: string; readonly notAfter: number },
  hosts: readonly string[],
  now: number,
  lifetimeMs: number,
): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKey = createPrivateKey(authority.key);
  const { notBefore, notAfter } = validity(now, lifetimeMs);
  const certificate = issueCertificate(
    { name: authority.name, publicKey: createPublicKey(signingKey), privateKey: signingKey },
    { name: hosts[0] ?? authority.name, publicKey },
    // Nobody accepts it when its authority has ended: so it is over by then, and is renewed before.
    { notBefore, notAfter: Math.min(notAfter, authority.notAfter) },
    { kind: 'leaf', hosts, usages: ['serverAuth'] },
  );
  return { certificate, key: exportPrivate(privateKey) };
}

/** A short life, as tests have it, is not backdated by more of it than a tenth. */
function validity(now: number, lifetimeMs: number) {
  return { notBefore: now - Math.min(BACKDATED_MS, lifetimeMs / 10), notAfter: now + lifetimeMs };
}

function exportPrivate(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

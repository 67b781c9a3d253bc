// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { p256 } from '@noble/curves/nist.js';
import { parseCertificate } from '../../../src/certificate/x509.ts';
import { readIdentity } from '../../../src/verify/sigstore/certificate/read-identity.ts';
import { vectorsPath } from '../vectors.ts';
import type { CaseSigner, DifferentialCase } from './case.ts';

/** A real bundle, and whether it must be accepted. */
export type VectorCase = DifferentialCase & { readonly expected: 'accept' | 'reject' };

const read = (...path: string[]) => readFileSync(vectorsPath(...path));
const PUBLIC_GOOD = ['trust', 'targets', 'trusted_root.json'] as const;

/** Every stand-alone bundle of the vectors but those of the conformance suite. */
export function bundleCases(): readonly VectorCase[] {
  return [...javascriptCases(), ...goCases(), ...localCases()];
}

function javascriptCases(): VectorCase[] {
  const trustedRoot = read(...PUBLIC_GOOD);
  const [{ digest }] = JSON.parse(read('bundles-sigstore-js', 'statement.json').toString()).subject;
  return readdirSync(vectorsPath('bundles-sigstore-js'))
    .filter((name) => name.endsWith('.sigstore'))
    .sort()
    .map((name) => {
      const bundle = read('bundles-sigstore-js', name);
      const artifact = `sha512:${digest.sha512}`;
      return { name, bundle, trustedRoot, artifact, signer: certifiedSigner(bundle), expected: 'accept' };
    });
}

function goCases(): VectorCase[] {
  const bundle = (name: string) => read('bundles-sigstore-go', 'bundles', `${name}.sigstore.json`);
  const root = (name: string) => read('bundles-sigstore-go', 'trusted-roots', `${name}.json`);
  const expected = 'accept';
  const statements = ['dsse', 'dsse-2sigs', 'sigstore.js@2.0.0-provenance'].map((name): VectorCase => {
    const bytes = bundle(name);
    const { payload } = JSON.parse(bytes.toString()).dsseEnvelope;
    const [{ digest }] = JSON.parse(Buffer.from(payload, 'base64').toString()).subject;
    return {
      name,
      bundle: bytes,
      trustedRoot: root('public-good'),
      artifact: `sha512:${digest.sha512}`,
      signer: certifiedSigner(bytes),
      expected: name === 'dsse-2sigs' ? 'reject' : 'accept',
    };
  });
  const othername = bundle('othername');
  const keyed = bundle('public-key-validity');
  const { digest } = JSON.parse(keyed.toString()).messageSignature.messageDigest;
  return [
    ...statements,
    {
      name: 'othername',
      bundle: othername,
      trustedRoot: root('scaffolding'),
      artifact: Buffer.from('blob\n'),
      signer: certifiedSigner(othername),
      expected,
    },
    {
      name: 'public-key-validity',
      bundle: keyed,
      trustedRoot: root('public-key-validity'),
      artifact: `sha256:${Buffer.from(digest, 'base64').toString('hex')}`,
      signer: { key: keyBehindHint(keyed) },
      expected,
    },
  ];
}

function localCases(): VectorCase[] {
  const file = (name: string) => read('local-sigstore', name);
  const manifest = file('image.manifest.json');
  const artifact = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  const key = { key: file('cosign.pub').toString() };
  return [
    ['github-keyless-sct', undefined] as const,
    ['key-rekor2-tsa', key] as const,
    ['key-offline', key] as const,
  ].map(([name, signer]) => {
    const bundle = file(`${name}.bundle.json`);
    const trustedRoot = file('trusted-root.json');
    return {
      name,
      bundle,
      trustedRoot,
      artifact,
      signer: signer ?? certifiedSigner(bundle),
      expected: 'accept',
    };
  });
}

/** Whoever the certificate of the bundle names: for material of which only that is known. */
function certifiedSigner(bundle: Uint8Array): CaseSigner {
  const { certificate, x509CertificateChain } = JSON.parse(
    Buffer.from(bundle).toString(),
  ).verificationMaterial;
  const { rawBytes } = certificate ?? x509CertificateChain.certificates[0];
  const { issuer, subject } = readIdentity(parseCertificate(Buffer.from(rawBytes, 'base64')));
  return { identity: subject.value, issuer };
}

/**
 * The public key that a bundle was signed with, where nobody kept it: the curve gives two keys that a signature may be
 * of, and the hint, which is the SHA-256 of the key, says which.
 */
function keyBehindHint(bundle: Uint8Array): string {
  const { verificationMaterial, messageSignature } = JSON.parse(Buffer.from(bundle).toString());
  const digest = Buffer.from(messageSignature.messageDigest.digest, 'base64');
  const signature = p256.Signature.fromBytes(Buffer.from(messageSignature.signature, 'base64'), 'der');
  const keys = [0, 1].map((bit) => {
    const point = Buffer.from(signature.addRecoveryBit(bit).recoverPublicKey(digest).toBytes(false));
    const [x = '', y = ''] = [point.subarray(1, 33), point.subarray(33)].map((part) =>
      part.toString('base64url'),
    );
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  });
  const found = keys.find((key) => {
    const spki = key.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('base64') === verificationMaterial.publicKey.hint;
  });
  if (found === undefined) throw new Error('neither key is that of the hint');
  return found.export({ type: 'spki', format: 'pem' }).toString();
}

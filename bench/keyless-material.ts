// SPDX-License-Identifier: Apache-2.0
import { createHash, sign } from 'node:crypto';
import { type PinnedImage, parseImageReference, pinImage } from '../src/image/index.ts';
import { type CompiledPolicy, compilePolicy } from '../src/policy/index.ts';
import { createTestSigstore, githubIdentity, type TestSigstore } from '../src/testing/index.ts';
import { parseTrustRoot, type TrustRoots } from '../src/verify/index.ts';
import type { FloorMaterial } from './baselines/keyless-floor.ts';

/** Who signs in the figures. */
export const IDENTITY = {
  subject: 'https://github.com/acme/web/.github/workflows/release.yaml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
} as const;

/** The policy of the figures: every image needs {@link IDENTITY}. */
export function keylessPolicy(): CompiledPolicy {
  return compilePolicy(POLICY, { source: 'policy.yaml', readFile: () => '' });
}

/** Trust in one Sigstore, under the name that the policy has for it. */
export function trustIn(trustedRoot: Uint8Array): TrustRoots {
  const root = parseTrustRoot('bench', trustedRoot);
  return { fingerprint: root.fingerprint, roots: new Map([[root.name, root]]) };
}

const POLICY = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: bench }
signers:
  release:
    trustRoot: bench
    keyless:
      issuer: ${IDENTITY.issuer}
      subject: ${IDENTITY.subject}
rules:
  - { name: everything, images: ["**"], require: release }
`;

/** One signed image: each has a digest, a certificate with a key, and a log entry of its own. */
export type SignedImage = { readonly image: PinnedImage; readonly bundle: Buffer };

/** Distinct images signed by one pipeline, and what they are verified with. */
export type KeylessMaterial = {
  readonly trustedRoot: Buffer;
  readonly images: readonly SignedImage[];
  readonly sigstore: TestSigstore;
};

/** As large as a public log: a proof has some thirty hashes. */
const TREE_SIZE = 2n ** 31n - 7n;

/** Signs so many images as cosign 3 does: a statement in an envelope, logged by the Rekor of that version. */
export function makeKeylessMaterial(count: number, rekor: 'v1' | 'v2'): KeylessMaterial {
  const sigstore = createTestSigstore({ rekor });
  const images = Array.from({ length: count }, (_, index) => signImage(sigstore, index));
  return { trustedRoot: sigstore.trustedRoot(), images, sigstore };
}

function signImage(sigstore: TestSigstore, number: number): SignedImage {
  const hex = createHash('sha256').update(`image ${number}`).digest('hex');
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: hex } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  };
  const bundle = sigstore.signBundle({
    identity: githubIdentity('acme/web'),
    content: { statement },
    tree: { index: 1_000_000_000n + BigInt(number) * 7919n, size: TREE_SIZE },
  });
  return { image: pinImage(parseImageReference('registry.example/acme/web'), `sha256:${hex}`), bundle };
}

type BundleJson = {
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string };
    readonly tlogEntries: readonly {
      readonly logIndex: string;
      readonly integratedTime: string;
      readonly inclusionPromise: { readonly signedEntryTimestamp: string };
      readonly inclusionProof: { readonly checkpoint: { readonly envelope: string } };
      readonly canonicalizedBody: string;
    }[];
  };
  readonly dsseEnvelope: {
    readonly payloadType: string;
    readonly payload: string;
    readonly signatures: readonly { readonly sig: string }[];
  };
};

/** What of a bundle is signed, taken out beforehand, for who does nothing but the cryptography. */
export function floorOf({ bundle }: SignedImage, sigstore: TestSigstore): FloorMaterial {
  const { verificationMaterial, dsseEnvelope }: BundleJson = JSON.parse(bundle.toString());
  const [entry] = verificationMaterial.tlogEntries;
  if (entry === undefined) throw new Error('no log entry');
  const certificate = base64(verificationMaterial.certificate.rawBytes);
  const { v1 } = sigstore.logs;
  const promised = `{"body":"${entry.canonicalizedBody}","integratedTime":${entry.integratedTime},"logID":"${v1.id.toString('hex')}","logIndex":${entry.logIndex}}`;
  const { envelope } = entry.inclusionProof.checkpoint;
  const [text = '', line = ''] = envelope.split('\n\n');
  const payload = base64(dsseEnvelope.payload);
  const head = `DSSEv1 ${dsseEnvelope.payloadType.length} ${dsseEnvelope.payloadType} ${payload.length} `;
  return {
    certificate,
    own: {
      content: Buffer.concat([Buffer.from(head), payload]),
      signature: base64(dsseEnvelope.signatures[0]?.sig ?? ''),
    },
    logs: [
      {
        content: Buffer.from(promised),
        signature: base64(entry.inclusionPromise.signedEntryTimestamp),
        key: v1.key.publicKey,
      },
      {
        content: Buffer.from(`${text}\n`),
        signature: base64(line.trimEnd().split(' ').at(-1) ?? '').subarray(4),
        key: v1.key.publicKey,
      },
      certificateLogOf(certificate, sigstore),
    ],
  };
}

/** The certificate log's signature, over about as many bytes: of what exactly does not change what it costs. */
function certificateLogOf(content: Buffer, { certificateLogs: [log] }: TestSigstore) {
  if (log === undefined) throw new Error('no certificate log');
  const { publicKey: key, privateKey } = log.key;
  return { content, signature: sign('sha256', content, privateKey), key };
}

function base64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

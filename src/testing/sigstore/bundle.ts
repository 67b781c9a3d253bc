// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type BundleJson, bundleMediaType } from '../bundle.ts';
import { encodeGoJson } from '../go-json.ts';
import type { TestContent } from './content.ts';
import { sign } from './sign.ts';
import type { KeylessOptions, Signed } from './sign-options.ts';
import type { TestLogEntry } from './transparency-log.ts';
import type { World } from './world.ts';
import { spkiOf } from './x509.ts';

export type TestBundleOptions = KeylessOptions & {
  readonly content: TestContent;
  /** Default `0.3`. Older ones hold the chain below the root instead of the certificate alone. */
  readonly version?: '0.1' | '0.2' | '0.3';
  /** Default: that of the version. */
  readonly mediaType?: string;
  /** Changes the bundle in place, after all is signed. */
  readonly edit?: (bundle: BundleJson) => void;
};

/** Signs the content, and gives the Sigstore bundle as JSON bytes. */
export function signToBundle(world: World, options: TestBundleOptions): Buffer {
  const { version = '0.3' } = options;
  const signed = sign(world, options.content, options);
  const bundle: BundleJson = {
    mediaType: options.mediaType ?? bundleMediaType(version, version === '0.3' ? 'dotted' : 'parameter'),
    verificationMaterial: {
      ...materialOf(signed, version),
      ...(signed.entries.length > 0 && { tlogEntries: signed.entries.map(encodeEntry) }),
      ...(signed.timestamps.length > 0 && {
        timestampVerificationData: {
          rfc3161Timestamps: signed.timestamps.map((token) => ({ signedTimestamp: base64(token) })),
        },
      }),
    },
    ...signed.content.bundle,
  };
  options.edit?.(bundle);
  return encodeGoJson(bundle);
}

function materialOf({ key, leaf }: Signed, version: '0.1' | '0.2' | '0.3'): Record<string, unknown> {
  if (!leaf) {
    const hint = createHash('sha256').update(spkiOf(key.publicKey)).digest('base64');
    return { publicKey: { hint } };
  }
  const certificate = { rawBytes: base64(leaf.certificate) };
  if (version === '0.3') return { certificate };
  const intermediates = leaf.chain.slice(0, -1).map((one) => ({ rawBytes: base64(one) }));
  return { x509CertificateChain: { certificates: [certificate, ...intermediates] } };
}

/** As ProtoJSON writes it: numbers of 64 bits in quotes, and none that is 0. */
function encodeEntry(entry: TestLogEntry): Record<string, unknown> {
  const { kind, body, logId, logIndex, integratedTime, promise, proof } = entry;
  const [name, version] = kind.split(' ');
  return {
    ...int64('logIndex', logIndex),
    logId: { keyId: base64(logId) },
    kindVersion: { kind: name, version },
    ...int64('integratedTime', BigInt(integratedTime ?? 0)),
    ...(promise && { inclusionPromise: { signedEntryTimestamp: base64(promise) } }),
    ...(proof && { inclusionProof: encodeProof(proof) }),
    canonicalizedBody: base64(body),
  };
}

function encodeProof(proof: NonNullable<TestLogEntry['proof']>): Record<string, unknown> {
  return {
    ...int64('logIndex', proof.logIndex),
    rootHash: base64(proof.rootHash),
    ...int64('treeSize', proof.treeSize),
    ...(proof.hashes.length > 0 && { hashes: proof.hashes.map(base64) }),
    checkpoint: { envelope: proof.checkpoint },
  };
}

function int64(name: string, value: bigint): Record<string, string> {
  return value === 0n ? {} : { [name]: value.toString() };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}

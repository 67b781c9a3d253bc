// SPDX-License-Identifier: Apache-2.0
import { type ImageReport, type Report, reportOf } from '../../src/report/index.ts';

export const DIGEST = `sha256:${'ab'.repeat(32)}`;
export const FINGERPRINT = `sha256:${'0123456789abcdef'.repeat(4)}`;

const OUTCOME = { signer: 'release-key', candidate: 'sha256-abab.sig#0', storage: 'tag' } as const;

/** An image that two signers signed, less what the test changes. */
export function verifiedImage(changes: Partial<ImageReport> = {}): ImageReport {
  return {
    image: 'ghcr.io/acme/web:1.4',
    digest: DIGEST,
    uses: [
      {
        image: 'ghcr.io/acme/web:1.4',
        container: 'web',
        kind: 'container',
        path: '/spec/containers/0/image',
      },
    ],
    decision: 'allow',
    mode: 'enforce',
    verdict: 'verified',
    code: 'VERIFIED',
    message: 'wanted release-key; found it',
    hint: '',
    stale: false,
    policies: [{ policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'verified', code: 'VERIFIED' }],
    outcomes: [
      {
        ...OUTCOME,
        status: 'verified',
        code: 'VERIFIED',
        message: 'signed by release-key',
        evidence: {
          identity: `key:${FINGERPRINT}`,
          keyFingerprint: FINGERPRINT,
          algorithm: 'ecdsa-sha2-256-nistp256',
          format: 'simple-signing',
        },
      },
    ],
    registryRequests: 3,
    durationMs: 31.2,
    ...changes,
  };
}

export const WORKFLOW = 'https://github.com/acme/web/.github/workflows/release.yaml@refs/heads/main';
export const GITHUB = 'https://token.actions.githubusercontent.com';

/** The same image, signed by an identity. */
export function keylessImage(changes: Partial<ImageReport> = {}): ImageReport {
  const evidence = {
    identity: `keyless:${GITHUB} ${WORKFLOW}`,
    keyFingerprint: FINGERPRINT,
    algorithm: 'ecdsa-sha2-256-nistp256',
    issuer: GITHUB,
    subject: WORKFLOW,
    times: ['2026-11-22T12:00:00.000Z'],
    format: 'bundle',
  } as const;
  const [outcome] = verifiedImage().outcomes;
  const outcomes = outcome === undefined ? [] : [{ ...outcome, signer: 'pipeline', evidence }];
  return verifiedImage({ outcomes, ...changes });
}

/** The same image, signed with another key and denied, less what the test changes. */
export function rejectedImage(changes: Partial<ImageReport> = {}): ImageReport {
  return verifiedImage({
    decision: 'deny',
    verdict: 'rejected',
    code: 'SIGNATURE_INVALID',
    message: 'wanted release-key; found 1 candidate: not made with this key.',
    hint: 'check the key: cosign verify --key KEY IMAGE',
    policies: [
      { policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'rejected', code: 'SIGNATURE_INVALID' },
    ],
    outcomes: [
      { ...OUTCOME, status: 'rejected', code: 'SIGNATURE_INVALID', message: 'not made with this key' },
    ],
    ...changes,
  });
}

/** An image that a mode lets in although it was rejected. */
export function letThrough(mode: 'warn' | 'audit', changes: Partial<ImageReport> = {}): ImageReport {
  return rejectedImage({
    decision: 'allow',
    mode,
    policies: [{ policy: 'acme', rule: 'web', mode, verdict: 'rejected', code: 'SIGNATURE_INVALID' }],
    ...changes,
  });
}

/** An image whose registry could not be asked. */
export function inconclusiveImage(changes: Partial<ImageReport> = {}): ImageReport {
  const { digest, ...image } = rejectedImage({
    verdict: 'inconclusive',
    code: 'REGISTRY_UNREACHABLE',
    message: 'ghcr.io: connection refused',
    hint: 'check name, network and certificate',
    policies: [
      { policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'inconclusive', code: 'REGISTRY_UNREACHABLE' },
    ],
    outcomes: [],
    ...changes,
  });
  return image;
}

/** A report of these images. */
export function reportWith(...images: ImageReport[]): Report {
  return reportOf(images);
}

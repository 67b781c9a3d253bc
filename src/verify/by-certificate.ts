// SPDX-License-Identifier: Apache-2.0
import type { Certificate } from '../certificate/x509.ts';
import { asCountersignError, VerificationError } from '../errors.ts';
import {
  type CertificateIdentity,
  identityMismatch,
  type KeylessSigner,
  type PublicKey,
  publicKeyOf,
  type VerificationKey,
} from '../policy/index.ts';
import { findSigningKey } from './key-signature.ts';
import type { CertificatesBeside, Material } from './material.ts';
import { once, rememberLatest } from './parse-once.ts';
import {
  demandLogs,
  demandLogWindows,
  demandTimestamps,
  type LogProof,
  NO_LOG_PROOF,
  proveLogEntries,
  proveTimestamps,
  type TimestampProof,
} from './prove-logs-and-times.ts';
import { authoritiesAt, verifyChain } from './sigstore/certificate/chain.ts';
import { readIdentity } from './sigstore/certificate/read-identity.ts';
import { countScts } from './sigstore/certificate/sct.ts';
import type { TrustedAuthority, TrustRoot } from './trust-root.ts';

/** Who signed, by the word of a certificate authority, and when. */
export type CertificateProof = {
  readonly identity: CertificateIdentity;
  readonly keyFingerprint: string;
  readonly algorithm: string;
  /** Proven times, in ms since the epoch; none only for a signer that says `unsafeNoTime`. */
  readonly times: readonly number[];
};

/**
 * Verifies a signature by the certificate beside it: it names who the signer wants, an authority of the trust root
 * issued it, a certificate log promised it, and it was valid at each time that is proved; its key made the signature
 * (cosign formats §11.3 and §11.5).
 *
 * The identity is compared first, unbelieved: it costs nothing, and who else may have signed needs no cryptography.
 *
 * @throws VerificationError
 */
export function verifyByCertificate(
  signer: KeylessSigner,
  material: Material,
  trust: TrustRoot,
  now: number,
): CertificateProof {
  const proofs = proofsOf(material, trust, signer);
  const mismatch = identityMismatch(signer, proofs.identity());
  if (mismatch !== undefined) throw new VerificationError('IDENTITY_MISMATCH', mismatch);
  const authorities = proofs.authorities();
  const times = provenTimes(signer, proofs);
  for (const time of times.length > 0 ? times : [now]) authoritiesAt(proofs.leaf, authorities, time);
  demandScts(signer, proofs, trust);
  const { fingerprint, algorithm } = proofs.signature();
  return { identity: proofs.identity(), keyFingerprint: fingerprint, algorithm, times };
}

/** What a certificate and what came beside the signature prove, each found out once for all signers that ask. */
type Proofs = {
  readonly leaf: Certificate;
  readonly identity: () => CertificateIdentity;
  /** The authorities that issued it, whenever that was. */
  readonly authorities: () => readonly TrustedAuthority[];
  readonly logs: () => LogProof;
  readonly timestamps: () => TimestampProof;
  readonly scts: () => number;
  readonly signature: () => { readonly fingerprint: string; readonly algorithm: string };
};

/** Gone with the material: it hangs on one candidate, image and trust root. */
const latestProofs = rememberLatest((material: Material, trust: TrustRoot): Proofs | undefined => {
  const certificates = material.certificates();
  return certificates && gather(material, certificates, trust);
});

function proofsOf(material: Material, trust: TrustRoot, signer: KeylessSigner): Proofs {
  const proofs = latestProofs(material, trust);
  if (proofs !== undefined) return proofs;
  const message = `${signer.name} is known by a certificate; the signature has none beside it`;
  throw new VerificationError('CERTIFICATE_MISSING', message);
}

function gather(material: Material, { leaf, others }: CertificatesBeside, trust: TrustRoot): Proofs {
  const authorities = once(() => verifyChain(leaf, trust, others));
  const verifier = () => ({ kind: 'certificate', der: leaf.der, key: leaf.publicKey }) as const;
  return {
    leaf,
    authorities,
    identity: once(() => readIdentity(leaf)),
    logs: once(() => proveLogEntries(material, verifier(), trust)),
    timestamps: once(() => proveTimestamps(material, trust)),
    scts: once(() => Math.max(0, ...authorities().map((one) => countSctsBy(one, leaf, trust)))),
    signature: once(() => verifySignature(material, leaf)),
  };
}

/** The promise names the key of the issuer, so it is made for one authority. */
function countSctsBy({ chain: [issuer] }: TrustedAuthority, leaf: Certificate, trust: TrustRoot): number {
  return issuer === undefined ? 0 : countScts(leaf, issuer, trust.certificateLogs);
}

/**
 * The times at which the signature is proved to have been there: all of them count. What a signer does not demand is
 * not asked for times either, except timestamps: where there are some, one must hold. A signature is not believed for its
 * log entry while the timestamp that came with it is false.
 */
function provenTimes(signer: KeylessSigner, proofs: Proofs): readonly number[] {
  const { demands, name } = signer;
  const logs = demands.logEntries > 0 ? proofs.logs() : NO_LOG_PROOF;
  demandLogs(demands, logs, name);
  const timestamps = proofs.timestamps();
  demandTimestamps(demands, timestamps, name);
  if (timestamps.count === 0 && timestamps.problem !== undefined) throw timestamps.problem;
  const times = [...logs.times, ...timestamps.times];
  demandLogWindows(logs, times);
  if (times.length > 0 || demands.unsafeNoTime) return times;
  const why = timestamps.nobody ? '; the trust root has no timestamp authority' : '';
  throw new VerificationError(
    'TIME_UNPROVEN',
    `nothing proves when it was signed: a certificate of minutes needs a timestamp, or an entry of a log that says the time${why}`,
  );
}

function demandScts(
  { demands: { scts }, name }: KeylessSigner,
  proofs: Proofs,
  { certificateLogs }: TrustRoot,
): void {
  const found = scts > 0 ? proofs.scts() : 0;
  if (found >= scts) return;
  const wanted = scts === 1 ? 'a certificate log' : `${scts} certificate logs`;
  const instead = certificateLogs.length === 0 ? 'the trust root has no certificate log' : `found ${found}`;
  throw new VerificationError(
    'SCT_INVALID',
    `${name} demands that ${wanted} of the trust root promised the certificate; ${instead}`,
  );
}

function verifySignature(material: Material, leaf: Certificate) {
  const key: VerificationKey = { ...certifiedKey(leaf), source: 'the certificate' };
  const proof = findSigningKey([key], material.signed, material.signature);
  if (proof !== undefined) return { fingerprint: key.fingerprint, algorithm: proof.algorithm };
  throw new VerificationError(
    'SIGNATURE_INVALID',
    'the key of the certificate beside the signature did not make it over this content',
  );
}

/** Authorities differ in which keys they certify; what proves nothing in a policy proves nothing in a certificate. */
function certifiedKey({ publicKey, spki }: Certificate): PublicKey {
  try {
    return publicKeyOf(publicKey, spki);
  } catch (cause) {
    const { message } = asCountersignError(cause);
    throw new VerificationError(
      'CERTIFICATE_UNTRUSTED',
      `the certificate is for a key that proves nothing: ${message}`,
      { cause },
    );
  }
}

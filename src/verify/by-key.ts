// SPDX-License-Identifier: Apache-2.0
import type { KeySigner, VerificationKey } from '../policy/index.ts';
import { type KeyProof, verifyByKeys } from './key-signature.ts';
import type { Material } from './material.ts';
import { rememberLatest } from './parse-once.ts';
import {
  demandLogs,
  demandLogWindows,
  demandTimestamps,
  type LogProof,
  NO_LOG_PROOF,
  NO_TIMESTAMP_PROOF,
  proveLogEntries,
  proveTimestamps,
  type TimestampProof,
} from './prove-logs-and-times.ts';
import type { Verifier } from './sigstore/logged-content.ts';
import { demandTrustRoot, type TrustRoot } from './trust-root.ts';

/** What is proved beside a signature by a key. */
type Proofs = { readonly logs: LogProof; readonly timestamps: TimestampProof };

/**
 * Verifies a signature by the keys of a signer. Log entries and timestamps are looked at where the signer demands
 * them, and where a key has a window: its times are compared with the proven ones, and with now only where nothing is
 * proved. Nothing else that came beside the signature matters. What is demanded also tells when it was signed.
 *
 * @throws VerificationError
 */
export function verifyByKey(
  signer: KeySigner,
  material: Material,
  trust: TrustRoot | undefined,
  now: number,
): KeyProof {
  const { demands } = signer;
  const isDemanding = demands.logEntries > 0 || demands.timestamps > 0;
  const root = isDemanding ? demandTrustRoot(trust, signer) : trust;
  if (root === undefined) return verifyByKeys(signer, now, material.signed, material.signature);

  const proofsOf = rememberLatest((key: VerificationKey, beside: TrustRoot) =>
    prove(signer, material, key, beside),
  );
  const proof = verifyByKeys(signer, now, material.signed, material.signature, (key) =>
    timesIn(proofsOf(key, root)),
  );
  if (!isDemanding) return proof;
  const proofs = proofsOf(proof.key, root);
  const times = timesIn(proofs);
  demandLogs(demands, proofs.logs, signer.name);
  demandTimestamps(demands, proofs.timestamps, signer.name);
  demandLogWindows(proofs.logs, times);
  return { ...proof, times };
}

function timesIn({ logs, timestamps }: Proofs): readonly number[] {
  return [...logs.times, ...timestamps.times];
}

function prove(signer: KeySigner, material: Material, key: VerificationKey, trust: TrustRoot): Proofs {
  const { logEntries, timestamps } = signer.demands;
  return {
    logs: proveOr(logEntries > 0, NO_LOG_PROOF, () =>
      proveLogEntries(material, verifierOf(key, material), trust),
    ),
    timestamps: proveOr(timestamps > 0, NO_TIMESTAMP_PROOF, () => proveTimestamps(material, trust)),
  };
}

/** What nobody demands and does not hold proves nothing, and is no reason to refuse: anybody may have put it there. */
function proveOr<Proof>(isDemanded: boolean, nothing: Proof, prove: () => Proof): Proof {
  if (isDemanded) return prove();
  try {
    return prove();
  } catch {
    return nothing;
  }
}

/** Who signs with a key and a certificate for it has the certificate logged: it stands for the key then. */
function verifierOf({ key }: VerificationKey, material: Material): Verifier {
  const leaf = material.certificates()?.leaf;
  if (leaf?.publicKey.equals(key)) return { kind: 'certificate', key, der: leaf.der };
  return { kind: 'key', key, spki: key.export({ format: 'der', type: 'spki' }) };
}

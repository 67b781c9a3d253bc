// SPDX-License-Identifier: Apache-2.0

/**
 * Where a defect is: in the certificate, in the signature or what it is over, in the log's entry, in what only a bundle
 * has of the entry (proof, checkpoint, kind), in the name that checkpoints of Rekor v2 begin with, in the promise of
 * Rekor v1, or in the timestamp.
 */
export type DefectPart = 'certificate' | 'signature' | 'entry' | 'proof' | 'origin' | 'promise' | 'timestamp';

const DEFECTS = {
  /** The certificate is for TLS servers. */
  wrongEku: 'certificate',
  noEku: 'certificate',
  /** The certificate may issue others. */
  caLeaf: 'certificate',
  /** Its key may sign certificates, not documents. */
  wrongKeyUsage: 'certificate',
  /** It had ended an hour before it was used. */
  expiredLeaf: 'certificate',
  /** It begins an hour after it was used. */
  futureLeaf: 'certificate',
  /** Another authority of the same name issued it. */
  foreignCa: 'certificate',
  /** It names the true authority and its key identifier; another key signed it. */
  forgedCa: 'certificate',
  noSct: 'certificate',
  /** Its SCT is of a log that nobody knows. */
  foreignSct: 'certificate',
  /** Its SCT names the log; another key signed it. */
  badSct: 'certificate',
  sctForOtherCertificate: 'certificate',
  /** A second URI stands behind the first. */
  twoSans: 'certificate',
  noSan: 'certificate',
  /** It has a critical extension that nobody knows. */
  unknownCriticalExtension: 'certificate',

  /** The signature is over other bytes; the log has it as it is. */
  badSignature: 'signature',
  /** Another key signed than that of the certificate, or of the policy. */
  otherKey: 'signature',
  /** What was signed is changed afterwards. */
  tamperedContent: 'signature',

  noEntry: 'entry',
  /** A log that nobody knows has it. */
  foreignLog: 'entry',
  /** A log that says that it is the true one has it: another key signs. */
  forgedLog: 'entry',
  entryForOtherSignature: 'entry',
  /** Same key, another certificate. */
  entryForOtherCertificate: 'entry',
  entryForOtherDigest: 'entry',
  /** A true entry, of another signature by another certificate over other bytes. */
  swappedEntry: 'entry',

  noProof: 'proof',
  badProof: 'proof',
  /** Proof and checkpoint are true, of another entry. */
  proofOfOtherEntry: 'proof',
  badCheckpointSignature: 'proof',
  /** A true checkpoint of the log, of another tree than that of the proof. */
  checkpointOfOtherTree: 'proof',
  /** The root that stands in the proof is not that of the checkpoint. */
  proofRootMismatch: 'proof',
  /** The entry says that its body is of another kind. */
  wrongKindVersion: 'proof',
  entryTwice: 'proof',

  /** A checkpoint that the log signed for a log of another name. */
  checkpointOfOtherOrigin: 'origin',

  /** The log truly took the entry in, an hour after the signature. */
  lateEntry: 'promise',
  noPromise: 'promise',
  badPromise: 'promise',
  /** The time of the entry is a minute later than the log promised. */
  wrongIntegratedTime: 'promise',
  /** The index of the entry is not the one that the log promised. */
  wrongLogIndex: 'promise',

  noTimestamp: 'timestamp',
  /** The timestamp is true, and an hour later than the signature. */
  lateTimestamp: 'timestamp',
  timestampOverOther: 'timestamp',
  /** Another authority of the same name made it. */
  foreignTsa: 'timestamp',
  timestampBadSignature: 'timestamp',
  /** What its signature covers is the digest of another timestamp. */
  timestampWrongDigest: 'timestamp',
  /** A certificate of the authority that is for code signing signed it; the token carries it. */
  tsaWrongEku: 'timestamp',
  /** The purpose of the certificate that signed it is not critical; the token carries it. */
  tsaEkuNotCritical: 'timestamp',
  timestampSha1: 'timestamp',
  /** The authority's answer is a rejection. */
  timestampRefused: 'timestamp',
} as const satisfies Record<string, DefectPart>;

/** What can be wrong with a signature, by name. */
export type SigstoreDefect = keyof typeof DEFECTS;

/** Every defect that can be ordered. */
export const SIGSTORE_DEFECTS = Object.keys(DEFECTS) as readonly SigstoreDefect[];

/** What a signature consists of, as far as it decides which defects it can have. */
export type DefectScope = {
  /** Default true. */
  readonly keyless?: boolean;
  readonly log: 'v1' | 'v2' | 'none';
  readonly timestamps: number;
  /** A legacy layer, whose annotation has neither proof nor kind. Default false. */
  readonly legacy?: boolean;
};

/** The defects that a signature made of these parts can have. */
export function defectsFor(scope: DefectScope): readonly SigstoreDefect[] {
  const { keyless = true, log, timestamps, legacy = false } = scope;
  const parts: Readonly<Record<DefectPart, boolean>> = {
    certificate: keyless,
    signature: true,
    entry: log !== 'none',
    proof: log !== 'none' && !legacy,
    origin: log === 'v2',
    promise: log === 'v1',
    timestamp: timestamps > 0,
  };
  return SIGSTORE_DEFECTS.filter((defect) => parts[DEFECTS[defect]] && (keyless || !isOfCertificate(defect)));
}

/** Throws an `Error` where a defect was ordered that the signature cannot have: a test would pass for nothing. */
export function checkDefects(defects: readonly SigstoreDefect[], scope: DefectScope): void {
  const possible = new Set(defectsFor(scope));
  const impossible = defects.filter((defect) => !possible.has(defect));
  if (impossible.length === 0) return;
  throw new Error(`nothing here can have the defect ${impossible.join(', ')}: ${JSON.stringify(scope)}`);
}

function isOfCertificate(defect: SigstoreDefect): boolean {
  return defect === 'entryForOtherCertificate';
}

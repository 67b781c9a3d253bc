// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../certificate/x509.ts';
import { VerificationError } from '../errors.ts';
import type { Signer } from '../policy/index.ts';

/** Milliseconds since the epoch, both ends inclusive; `until` is Infinity where nothing ends it. */
export type ValidityWindow = { readonly from: number; readonly until: number };

/** A transparency log or certificate log that is trusted. */
export type TrustedLog = {
  /** The id by which entries name it, lower-case hex. */
  readonly id: string;
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** As the trust root names it, `PKIX_ECDSA_P256_SHA_256`; empty where it does not say. */
  readonly keyDetails: string;
  readonly window: ValidityWindow;
  /** URL; empty where the log is known by its key alone. */
  readonly baseUrl: string;
};

/** A certificate authority that is trusted for as long as its window says. */
export type TrustedAuthority = {
  /** URI, for messages and for counting authorities; empty where it is not named. */
  readonly uri: string;
  /**
   * The one that issues first, the root last; each is signed by the next, which was checked when it was loaded. Of a
   * timestamp authority the first is the certificate that timestamps are signed with, where `hasLeaf` says so.
   */
  readonly chain: readonly Certificate[];
  readonly window: ValidityWindow;
};

/** A timestamp authority. */
export type TrustedTimestampAuthority = TrustedAuthority & {
  /** Whether `chain` begins with the certificate that signs timestamps rather than one that issues such certificates. */
  readonly hasLeaf: boolean;
};

/** What signatures without a key of their own rest on: one world of Sigstore. Frozen. */
export type TrustRoot = {
  readonly name: string;
  /** Over all that is trusted: equal fingerprints, equal verdicts. `sha256:<hex>`. */
  readonly fingerprint: string;
  readonly certificateAuthorities: readonly TrustedAuthority[];
  readonly certificateLogs: readonly TrustedLog[];
  readonly logs: readonly TrustedLog[];
  readonly timestampAuthorities: readonly TrustedTimestampAuthority[];
};

/** All trust roots of an installation by name: one frozen snapshot, which a refresh replaces as a whole. */
export type TrustRoots = {
  readonly fingerprint: string;
  readonly roots: ReadonlyMap<string, TrustRoot>;
};

/** Nothing is trusted but keys. */
export const NO_TRUST_ROOTS: TrustRoots = Object.freeze({
  fingerprint: 'none',
  roots: new Map<string, TrustRoot>(),
});

/**
 * The trust root that a signer needs.
 *
 * @throws VerificationError TRUST_ROOT_MISSING: what nobody loaded proves nothing, one way or the other
 */
export function demandTrustRoot(root: TrustRoot | undefined, { name, trustRoot }: Signer): TrustRoot {
  if (root !== undefined) return root;
  throw new VerificationError(
    'TRUST_ROOT_MISSING',
    `${name} is verified by the trust root ${trustRoot}, and there is none of that name here`,
  );
}

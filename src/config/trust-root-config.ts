// SPDX-License-Identifier: Apache-2.0

/** Where one trust root comes from. Paths are absolute, or as they were given where the Config has no place on disk. */
export type TrustRootConfig =
  /**
   * The root of the public-good instance of Sigstore that Countersign brings along. Where nobody asked for exactly
   * that (`orKept`), a command may take what `trust update` has fetched since.
   */
  | { readonly kind: 'publicGood'; readonly orKept: boolean }
  /** A `trusted_root.json`. */
  | { readonly kind: 'file'; readonly path: string }
  | ({ readonly kind: 'files' } & TrustRootFilePaths)
  | TufConfig;

/** Single files in the place of a `trusted_root.json`, all PEM: an authority of one's own, often without any log. */
export type TrustRootFilePaths = {
  readonly certificateChain?: string;
  readonly rekorKeys: readonly RekorKeyPath[];
  readonly ctKeys: readonly string[];
  readonly timestampChain?: string;
};

/** The key of a transparency log. */
type RekorKeyPath = {
  readonly path: string;
  /** The name that the log has in its checkpoints; absent: a Rekor v1, which is known by its key alone. */
  readonly origin?: string;
};

/** A TUF repository. */
export type TufConfig = {
  readonly kind: 'tuf';
  /** URL of the metadata, without a slash at its end; targets stand in `targets/` below it. */
  readonly mirror: string;
  /** The root metadata that trust begins with; absent: the one that Countersign brings along for the public-good instance. */
  readonly root?: string;
  readonly target: string;
  readonly refreshHours: number;
};

/** The repository of the public-good instance of Sigstore. */
export const PUBLIC_GOOD_MIRROR = 'https://tuf-repo-cdn.sigstore.dev';

/** The target in which repositories of Sigstore have their trust root. */
export const TRUSTED_ROOT_TARGET = 'trusted_root.json';

/** The name of the trust root that signers have who name none. */
export const DEFAULT_TRUST_ROOT = 'default';

/** The `default` where the Config names none. */
export const UNNAMED_DEFAULT: TrustRootConfig = Object.freeze({ kind: 'publicGood', orKept: true });

/** The public-good instance by its repository, as `tuf: {}` means it. */
export const PUBLIC_GOOD_TUF: TufConfig = Object.freeze({
  kind: 'tuf',
  mirror: PUBLIC_GOOD_MIRROR,
  target: TRUSTED_ROOT_TARGET,
  refreshHours: 24,
});

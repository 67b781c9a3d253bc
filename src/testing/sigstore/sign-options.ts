// SPDX-License-Identifier: Apache-2.0
import type { TestKey } from '../keys.ts';
import type { CheckpointOptions } from './checkpoint.ts';
import type { SignedContent } from './content.ts';
import type { SigstoreDefect } from './defects.ts';
import type { EntryKind } from './entry-body.ts';
import type { TestIdentity } from './identity.ts';
import type { LeafOptions, TestLeaf } from './leaf.ts';
import type { TimestampOptions } from './timestamp-authority.ts';
import type { TestLogEntry } from './transparency-log.ts';

/** Who signs, where it is logged, and what is wrong with it. */
export type KeylessOptions = {
  /** Keyless: a certificate for this identity. */
  readonly identity?: TestIdentity;
  /** Signs with this key: without an identity there is no certificate. One of the two is needed. */
  readonly key?: TestKey;
  /** Of the certificate: its key, lifetime, SCTs. */
  readonly leaf?: Omit<LeafOptions, 'defects'>;
  /** Default: the world's `rekor`; `none` for keys. */
  readonly log?: 'v1' | 'v2' | 'none';
  /** Logs that have the signature besides, without a defect; the same one again is a second entry of it. Default: none. */
  readonly alsoLog?: readonly ('v1' | 'v2')[];
  /** The kind of the entry. Default: what clients log of such content today. */
  readonly entry?: EntryKind;
  /** What the signature is over. Default: SHA-384 and SHA-512 for P-384 and P-521, else SHA-256; SHA-256 in legacy layers. */
  readonly hash?: 'sha256' | 'sha384' | 'sha512';
  /** How many timestamps, of the world's authorities in turn. Default: one for what is keyless and not in Rekor v1, which says a time itself. */
  readonly timestamps?: number;
  readonly timestamp?: TimestampOptions;
  /** Witnesses and further lines of the checkpoint. */
  readonly checkpoint?: CheckpointOptions;
  /** The entry's place in a tree of any size. Default: the log's own tree. */
  readonly tree?: { readonly index: bigint; readonly size: bigint };
  /** When it is signed, logged and stamped, milliseconds. Default: now. */
  readonly time?: number;
  readonly defects?: readonly SigstoreDefect[];
};

/** All that a signature comes with. */
export type Signed = {
  readonly content: SignedContent;
  readonly key: TestKey;
  readonly leaf?: TestLeaf;
  readonly entries: readonly TestLogEntry[];
  /** TimeStampResps, DER. */
  readonly timestamps: readonly Buffer[];
};

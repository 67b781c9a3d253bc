// SPDX-License-Identifier: Apache-2.0

/** An inclusion proof as it came (RFC 6962 §2.1.1), of a log whose signed checkpoint stands beside it. */
export type InclusionProof = {
  /** Within the tree of the proof: not the index of the entry, where a log has several trees. */
  readonly logIndex: bigint;
  readonly treeSize: bigint;
  readonly rootHash: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  /** The text of a signed checkpoint. */
  readonly checkpoint: string;
};

/**
 * An entry of a transparency log as it came, from a bundle or an annotation. Attacker input.
 */
export type LogEntry = {
  /** Lower-case hex. */
  readonly logId: string;
  readonly logIndex: bigint;
  /** What the bundle says that `body` is; absent in annotations, which do not say. */
  readonly kindVersion?: { readonly kind: string; readonly version: string };
  /** Seconds since the epoch; absent or 0: the log says no time. */
  readonly integratedTime?: bigint;
  /** The log's signature over body, time, id and index. */
  readonly promise?: Uint8Array;
  readonly proof?: InclusionProof;
  /** The canonical body. */
  readonly body: Uint8Array;
};

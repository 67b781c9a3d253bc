// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { Repository } from '../image/reference.ts';
import type { ImagePattern } from './pattern.ts';

/** What a verdict that is not `verified` or `exempt` does: deny, allow with a warning, allow in silence. */
export type Mode = 'enforce' | 'warn' | 'audit';

export type HashName = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** A public key of a signer, made once when the policy is loaded. */
export type VerificationKey = {
  readonly key: KeyObject;
  /** `sha256:<hex of the SPKI DER>`: equal for equal keys, however they were written. */
  readonly fingerprint: string;
  /** Only where the policy says so; otherwise what the format and the kind of key have. */
  readonly hash?: HashName;
  /** Milliseconds since the epoch, inclusive. */
  readonly notBefore?: number;
  /** Milliseconds since the epoch, inclusive. */
  readonly notAfter?: number;
  /** The file as the policy names it, or `inline`: for messages. */
  readonly source: string;
};

/** Who may have signed. Several keys are one signer that rotates. */
export type Signer = {
  readonly kind: 'key';
  readonly name: string;
  readonly keys: readonly VerificationKey[];
  /** What the signature must carry. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The payload must name the repository of the image. */
  readonly signedIdentity?: 'repository';
};

/** What a rule demands: signers, combined. `of` is never empty; `count` is 1 to the number of distinct entries. */
export type Requirement =
  | { readonly kind: 'signer'; readonly signer: Signer }
  | { readonly kind: 'any' | 'all'; readonly of: readonly Requirement[] }
  | { readonly kind: 'atLeast'; readonly count: number; readonly of: readonly Requirement[] };

/** A road in for what is not verified: why, and until when. */
export type Exemption = {
  readonly reason: string;
  /** The first millisecond at which it no longer holds, or `never`. */
  readonly until: number | 'never';
};

/** Where the signatures of a rule's images are looked for, where that is not the plain tag in the image's own repository. */
export type SignaturePlace = {
  /** `undefined`: the image's own. */
  readonly repository?: Repository;
  /** What stands before `sha256-<hex>.sig`; mostly empty. */
  readonly tagPrefix: string;
};

/** A rule has `require` or `allow`, never both and never neither. */
export type Rule = {
  readonly name: string;
  readonly images: readonly ImagePattern[];
  readonly except: readonly ImagePattern[];
  /** Globs over the whole name; `undefined`: every namespace, and none. */
  readonly namespaces?: readonly string[];
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly require?: Requirement;
  readonly allow?: Exemption;
  readonly signatures?: SignaturePlace;
  /** `platforms: every`: each image below an index must be verified, in place of the index. */
  readonly everyPlatform: boolean;
  readonly mode?: Mode;
  /** Which images the server pins: of Pods only, of controllers too, or none. */
  readonly pin: 'pods' | 'all' | 'never';
  /** `tags: forbid`: what the user wrote must have a digest. */
  readonly forbidTags: boolean;
};

/** The mode of namespaces; the first entry that matches decides. */
export type NamespaceMode = {
  readonly namespaces: readonly string[];
  readonly mode: Mode;
};

/** One document, checked completely and frozen deeply. Only `compilePolicy` makes one. */
export type CompiledPolicy = {
  readonly name: string;
  /** The file, for messages. */
  readonly source: string;
  /** Over the text of the document and the bytes of its keys: equal fingerprints, equal decisions. */
  readonly fingerprint: string;
  readonly signers: ReadonlyMap<string, Signer>;
  readonly rules: readonly Rule[];
  readonly modes: readonly NamespaceMode[];
  /** The line of signers, rules, keys of rules and modes, by path such as `rules[2].allow`: for messages. */
  readonly lines: ReadonlyMap<string, number>;
};

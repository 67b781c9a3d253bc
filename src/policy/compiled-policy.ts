// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { Repository } from '../image/reference.ts';
import type { ClaimName, SubjectKind } from './certificate-identity.ts';
import type { ImagePattern } from './pattern.ts';

/** What a verdict that is not `verified` or `exempt` does: deny, allow with a warning, allow in silence. */
export type Mode = 'enforce' | 'warn' | 'audit';

export type HashName = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** A public key of a signer, made once when the policy is loaded. */
export type VerificationKey = {
  readonly key: KeyObject;
  /** `sha256:<hex of the SPKI DER>`: equal for equal keys, however they were written. */
  readonly fingerprint: string;
  /** As in `PublicKey`. */
  readonly namedCurve?: string;
  /** Only where the policy says so; otherwise what the format and the kind of key have. */
  readonly hash?: HashName;
  /** Milliseconds since the epoch, inclusive. */
  readonly notBefore?: number;
  /** Milliseconds since the epoch, inclusive. */
  readonly notAfter?: number;
  /** The file as the policy names it, or `inline`: for messages. */
  readonly source: string;
};

/**
 * How much must be proved of a signature beside itself, in numbers of what verifies: entries of transparency logs,
 * timestamps by authorities, and promises of certificate logs (of certificates only).
 */
export type Demands = {
  readonly logEntries: number;
  readonly timestamps: number;
  readonly scts: number;
  /** A certificate is held against now where nothing proves when it signed. */
  readonly unsafeNoTime: boolean;
};

type AnySigner = {
  readonly name: string;
  /** What the signature must carry. */
  readonly annotations: Readonly<Record<string, string>>;
  /** The payload must name the repository of the image. */
  readonly signedIdentity?: 'repository';
  /** The one trust root by which certificates, log entries and timestamps are verified. */
  readonly trustRoot: string;
  readonly demands: Demands;
};

/** A signer known by keys. Several keys are one signer that rotates. */
export type KeySigner = AnySigner & { readonly kind: 'key'; readonly keys: readonly VerificationKey[] };

/** A signer known by what a certificate authority says of it. */
export type KeylessSigner = AnySigner & {
  readonly kind: 'keyless';
  readonly issuer: TextTest;
  readonly subject: SubjectTest;
  readonly claims: readonly ClaimTest[];
  /** The policy says so: its subject may be anybody's, and a reusable workflow anybody's caller's. */
  readonly unsafeAnySubject?: true;
  readonly unsafeAnyCaller?: true;
};

/** Who may have signed. */
export type Signer = KeySigner | KeylessSigner;

/** A test of a whole text, and how the policy wrote it: as the text itself or a pattern, or as a regular expression. */
export type TextTest = {
  readonly text: string;
  readonly regexp?: true;
  /** Of a regular expression that is one text, escaped: that text, and nothing else matches. */
  readonly literal?: string;
  readonly matches: (value: string) => boolean;
};

/** A test of a certificate's subject: of the kinds of names that it looks at. */
export type SubjectTest = TextTest & { readonly kinds: readonly SubjectKind[] };

/** A test of one claim of a certificate: an extension of Fulcio, by its documented name. */
export type ClaimTest = TextTest & { readonly name: ClaimName };

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

/** What stands in an attestation, as a `where` sees it. */
export type WhereInput = {
  readonly predicate: unknown;
  /** The subjects of the statement, as it has them. */
  readonly subject: unknown;
  readonly image: {
    readonly registry: string;
    readonly repository: string;
    readonly digest: string;
    /** Empty where the reference names none. */
    readonly tag: string;
  };
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/**
 * A compiled `where`: true, or anything else, which denies.
 *
 * `evaluate` throws CountersignError WHERE_TIMEOUT (inconclusive) past `LIMITS.whereMs`, and WHERE_FAILED (rejected)
 * where the expression has no value for the input.
 */
export type Where = {
  readonly text: string;
  /** Whether it looks at the time, so that its answer holds for this moment only. */
  readonly usesNow: boolean;
  /** Whether it may look at the tag of the image, which then must be confirmed where it stands beside a digest. */
  readonly looksAtTag: boolean;
  readonly evaluate: (input: WhereInput) => boolean;
  /** What it looked at where it is false, in words for a denial; bounded, empty where that cannot be told. Never throws. */
  readonly found: (input: WhereInput) => string;
};

/** An attestation that a rule demands. */
export type AttestationRequirement = {
  /** The predicate type: a URI. */
  readonly predicateType: string;
  readonly by: Requirement;
  readonly quantifier: 'every' | 'any' | 'newest';
  readonly where?: Where;
};

/** A rule has `require`, `attestations` or both; or it has `allow` alone. */
export type Rule = {
  readonly name: string;
  readonly images: readonly ImagePattern[];
  readonly except: readonly ImagePattern[];
  /** Globs over the whole name; `undefined`: every namespace, and none. */
  readonly namespaces?: readonly string[];
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly require?: Requirement;
  /** All of them must hold, beside `require`. Never empty. */
  readonly attestations?: readonly AttestationRequirement[];
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

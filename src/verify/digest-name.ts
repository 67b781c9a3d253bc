// SPDX-License-Identifier: Apache-2.0

/** sigstore_common.proto, `HashAlgorithm`: what bundles and bodies of Rekor v2 call them. */
const IN_PROTOBUF = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const;

/** The hash algorithms that bundles, log entries and timestamps name digests by. */
export type DigestName = keyof typeof IN_PROTOBUF;

/** All of them. */
export const DIGEST_NAMES: readonly DigestName[] = ['sha256', 'sha384', 'sha512'];

/** Whether something that is not known is one of them. */
export function isDigestName(name: unknown): name is DigestName {
  return DIGEST_NAMES.some((known) => known === name);
}

/** What Sigstore's protobuf messages call it: `SHA2_256`. */
export function protobufName(name: DigestName): string {
  return IN_PROTOBUF[name];
}

/** The other way round; `undefined` for what they name beside these. */
export function fromProtobufName(algorithm: string): DigestName | undefined {
  return DIGEST_NAMES.find((name) => IN_PROTOBUF[name] === algorithm);
}

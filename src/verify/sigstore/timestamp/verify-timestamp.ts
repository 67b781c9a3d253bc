// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { DerError } from '../../../certificate/read-der.ts';
import { sameBytes } from '../../../certificate/same-bytes.ts';
import { VerificationError } from '../../../errors.ts';
import { LIMITS } from '../../../limits.ts';
import { timeText } from '../../time-text.ts';
import type { TrustedTimestampAuthority } from '../../trust-root.ts';
import { readAttributes } from './attributes.ts';
import { readTimestampInfo, type TimestampInfo } from './info.ts';
import { readResponse } from './response.ts';
import { isSignedBy } from './signature.ts';
import { signerOf, type Token, tokenOf, whyNoTimestampSigner } from './signer.ts';

/** When something existed, and who says so. */
export type VerifiedTimestamp = {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly authority: TrustedTimestampAuthority;
};

/**
 * Verifies one timestamp (RFC 3161, RFC 5652, RFC 5816): it is over one of the byte strings that may have been
 * stamped, was signed with the certificate of one of the authorities, for that purpose alone, and at its time every
 * certificate was valid and the authority trusted, both ends included. Milliseconds count, finer fractions are cut.
 *
 * Attacker input; nested values cost nothing before they are looked into, and each is looked into once.
 *
 * @param token a whole TimeStampResp, DER
 * @throws VerificationError TIMESTAMP_MALFORMED, TIMESTAMP_INVALID, and LIMIT_EXCEEDED past
 *   {@link LIMITS}.timestampBytes
 */
export function verifyTimestamp(
  token: Uint8Array,
  signed: Uint8Array | readonly Uint8Array[],
  authorities: readonly TrustedTimestampAuthority[],
): VerifiedTimestamp {
  if (token.length > LIMITS.timestampBytes)
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `a timestamp of ${token.length} bytes, at most ${LIMITS.timestampBytes} are allowed`,
    );
  return readingTimestamp(() => {
    const { info: infoDer, certificates, signerInfo } = readResponse(token);
    const info = readTimestampInfo(infoDer);
    checkImprint(info, signed instanceof Uint8Array ? [signed] : signed);
    const attributes = readAttributes(signerInfo.attributes);
    if (!sameBytes(hash(signerInfo.digest, infoDer, 'buffer'), attributes.messageDigest))
      throw invalid('the signed digest is not that of the timestamp');
    return findAuthority(tokenOf(certificates, signerInfo, attributes), info.time, authorities);
  });
}

function checkImprint(info: TimestampInfo, signed: readonly Uint8Array[]): void {
  const isStamped = signed.some((content) =>
    sameBytes(hash(info.digestName, content, 'buffer'), info.digest),
  );
  if (!isStamped) throw invalid('the timestamp is over something else than this signature');
}

function findAuthority(
  token: Token,
  time: number,
  authorities: readonly TrustedTimestampAuthority[],
): VerifiedTimestamp {
  let problem: string | undefined;
  for (const authority of authorities) {
    const why = whyNotBy(authority, token, time);
    if (why === undefined) return { time, authority };
    // What is said of the authority that did sign tells more than that others did not.
    problem = why === STRANGER ? (problem ?? why) : why;
  }
  throw invalid(problem ?? 'the trust root has no timestamp authority');
}

const STRANGER = 'no timestamp authority of the trust root signed the timestamp';

/** Why the token is no timestamp of this authority at the time that it says; `undefined` where it is one. */
function whyNotBy(authority: TrustedTimestampAuthority, token: Token, time: number): string | undefined {
  const signer = signerOf(token, authority);
  if (signer === undefined) return STRANGER;
  const misuse = whyNoTimestampSigner(signer);
  if (misuse !== undefined) return `the certificate that signed the timestamp must not: ${misuse}`;
  if (!isSignedBy(token.signerInfo, signer.publicKey)) return 'the signature of the timestamp does not hold';
  if ([signer, ...authority.chain].some(({ notBefore, notAfter }) => time < notBefore || time > notAfter))
    return `a certificate of the timestamp authority was not valid at ${timeText(time)}`;
  if (time < authority.window.from || time > authority.window.until)
    return `the timestamp authority is not trusted at ${timeText(time)}`;
  return undefined;
}

function invalid(why: string): VerificationError {
  return new VerificationError('TIMESTAMP_INVALID', why);
}

/** What `read` gives; bytes that are not the DER it wants, here or in a certificate, become an error with a code. */
function readingTimestamp<To>(read: () => To): To {
  try {
    return read();
  } catch (cause) {
    const isMalformed =
      cause instanceof DerError ||
      (cause instanceof VerificationError && cause.code === 'CERTIFICATE_MALFORMED');
    if (!isMalformed) throw cause;
    throw new VerificationError('TIMESTAMP_MALFORMED', `the timestamp cannot be read: ${cause.message}`);
  }
}

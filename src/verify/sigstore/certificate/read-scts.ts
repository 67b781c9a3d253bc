// SPDX-License-Identifier: Apache-2.0
import { DER, DerError, type DerValue, expectTag, wrappedIn } from '../../../certificate/read-der.ts';
import { VerificationError } from '../../../errors.ts';
import { toHex } from '../log/text-forms.ts';

/** A timestamp of a certificate log, read (RFC 6962 §3.2). Nothing of it is believed yet. */
export type Sct = {
  /** Lower-case hex. */
  readonly logId: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly timestampBytes: Uint8Array;
  readonly extensions: Uint8Array;
  /** What kind of key it says it was signed with. */
  readonly keyKind: 'ec' | 'rsa';
  readonly signature: Uint8Array;
};

/**
 * Reads the list that a certificate holds: an OCTET STRING with a list in the notation of TLS (RFC 6962 §3.3). What is of
 * another version than 1 is left out, as §3.3 asks.
 *
 * @throws VerificationError SCT_INVALID
 */
export function readScts(value: DerValue): readonly Sct[] {
  try {
    const list = reader(expectTag(wrappedIn(value), DER.octetString, 'a list of timestamps').content);
    const entries = reader(list.vector());
    list.end();
    const scts: Sct[] = [];
    while (!entries.isDone()) scts.push(...sctsIn(entries.vector()));
    if (scts.length === 0) throw new DerError('no timestamp of version 1');
    return scts;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new VerificationError(
      'SCT_INVALID',
      `the certificate's timestamps cannot be read: ${error.message}`,
    );
  }
}

function sctsIn(bytes: Uint8Array): readonly Sct[] {
  const sct = reader(bytes);
  const [version] = sct.take(1);
  if (version !== 0) return [];
  const logId = toHex(sct.take(32));
  const timestampBytes = sct.take(8);
  const extensions = sct.vector();
  const keyKind = keyKindOf(sct.take(2));
  const signature = sct.vector();
  sct.end();
  const timestamp = Number(Buffer.from(timestampBytes).readBigUInt64BE());
  return [{ logId, timestamp, timestampBytes, extensions, keyKind, signature }];
}

/** RFC 5246 §7.4.1.4.1: the hash, which is SHA-256 (4), and then ECDSA (3) or RSA (1). */
function keyKindOf([hash, signature]: Uint8Array): Sct['keyKind'] {
  if (hash === 4 && signature === 3) return 'ec';
  if (hash === 4 && signature === 1) return 'rsa';
  throw new DerError('an algorithm that certificate logs do not sign with');
}

function reader(bytes: Uint8Array) {
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new DerError('a value is cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    take,
    /** A value that is preceded by its length, in two bytes. */
    vector: (): Uint8Array => {
      const [high = 0, low = 0] = take(2);
      return take(high * 256 + low);
    },
    isDone: () => at === bytes.length,
    end: () => {
      if (at !== bytes.length) throw new DerError('bytes follow the value');
    },
  };
}

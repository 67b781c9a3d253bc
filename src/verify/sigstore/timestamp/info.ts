// SPDX-License-Identifier: Apache-2.0
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readBoolean,
  readDer,
  readInteger,
  readOid,
  readSmallInteger,
} from '../../../certificate/read-der.ts';
import { readTime } from '../../../certificate/read-time.ts';
import type { DigestName } from '../../digest-name.ts';
import { readDigestAlgorithm } from './digest-algorithm.ts';

/** What a timestamp says. */
export type TimestampInfo = {
  readonly digestName: DigestName;
  /** Of what was stamped. */
  readonly digest: Uint8Array;
  /** Milliseconds since the epoch, finer fractions cut. */
  readonly time: number;
};

const TSA_NAME = 0xa0;
const EXTENSIONS = 0xa1;

/** What may follow the time, in this order, each at most once. */
const OPTIONAL_TAGS: readonly number[] = [DER.sequence, DER.boolean, DER.integer, TSA_NAME, EXTENSIONS];

/**
 * Reads a TSTInfo (RFC 3161 §2.4.2). Policy, accuracy, order, nonce and the authority's name for itself say
 * nothing that is asked here; of extensions none may be critical, as none is known.
 *
 * @throws DerError
 */
export function readTimestampInfo(der: Uint8Array): TimestampInfo {
  const [version, policy, imprint, serial, time, ...rest] = childrenOf(
    expectTag(readDer(der), DER.sequence, 'TSTInfo'),
  );
  if (readSmallInteger(version) !== 1) throw new DerError('TSTInfo of another version than 1');
  readOid(policy);
  readInteger(serial);
  refuseUnknown(rest);
  const [algorithm, digest, ...more] = childrenOf(expectTag(imprint, DER.sequence, 'a message imprint'));
  if (more.length > 0) throw new DerError('values follow the message imprint');
  return {
    digestName: readDigestAlgorithm(algorithm),
    digest: expectTag(digest, DER.octetString, 'the digest of a message').content,
    time: readTime(expectTag(time, DER.generalizedTime, 'a time')),
  };
}

function refuseUnknown(values: readonly DerValue[]): void {
  let last = -1;
  for (const value of values) {
    const place = OPTIONAL_TAGS.indexOf(value.tag);
    if (place <= last) throw new DerError(`a value of tag ${value.tag} where TSTInfo has none`);
    last = place;
    if (value.tag === EXTENSIONS) for (const extension of childrenOf(value)) refuseCritical(extension);
  }
}

function refuseCritical(extension: DerValue): void {
  const [id, second] = childrenOf(expectTag(extension, DER.sequence, 'an extension'));
  const oid = readOid(id);
  if (second?.tag === DER.boolean && readBoolean(second))
    throw new DerError(`a critical extension ${oid}, which is not known`);
}

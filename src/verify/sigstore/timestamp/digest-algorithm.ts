// SPDX-License-Identifier: Apache-2.0
import {
  childrenOf,
  DER,
  DerError,
  type DerValue,
  expectTag,
  readOid,
} from '../../../certificate/read-der.ts';
import type { DigestName } from '../../digest-name.ts';

/** RFC 5754 §2; SHA-1 and MD5 are in none of our tables. */
const DIGESTS: Readonly<Record<string, DigestName>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/**
 * The digest of an AlgorithmIdentifier: SHA-256, SHA-384 or SHA-512, with NULL or no parameters.
 *
 * @throws DerError for any other
 */
export function readDigestAlgorithm(value: DerValue | undefined): DigestName {
  const [id, parameters, ...rest] = childrenOf(expectTag(value, DER.sequence, 'a digest algorithm'));
  const oid = readOid(id);
  const name = DIGESTS[oid];
  if (name === undefined) throw new DerError(`digest algorithm ${oid}, wanted SHA-256, SHA-384 or SHA-512`);
  const isPlain =
    parameters === undefined || (parameters.tag === DER.null && parameters.content.length === 0);
  if (!isPlain || rest.length > 0) throw new DerError('a digest algorithm with parameters');
  return name;
}

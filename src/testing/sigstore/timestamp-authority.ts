// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { createTestKey } from '../keys.ts';
import { createTestIssuer, type TestIssuer } from './authority.ts';
import { makeTimestamp, type TimestampContent } from './timestamp-token.ts';
import {
  encodeName,
  extendedKeyUsage,
  keyIdentifiers,
  keyUsage,
  signCertificate,
  type TestUsage,
} from './x509.ts';

export type TimestampOptions = Omit<TimestampContent, 'stamped' | 'time' | 'signer' | 'certificates'> & {
  /** Milliseconds. Default: when it is signed. */
  readonly time?: number;
  /** Whether the token carries the certificate that signed it. Default false. */
  readonly embed?: boolean;
  /** Which certificate signs: the authority's, or one that it never should have issued. Default `true`. */
  readonly leaf?: 'true' | 'wrongEku' | 'notCritical';
};

/** A timestamp authority (RFC 3161). */
export type TestTimestampAuthority = {
  readonly uri: string;
  /** Certificates, DER: the one that signs timestamps first, the root last. */
  readonly chain: readonly Buffer[];
  /** A TimeStampResp over the bytes, DER; `time` in milliseconds, written in whole seconds. */
  stamp(bytes: Uint8Array, time: number, options?: Omit<TimestampOptions, 'time'>): Buffer;
};

/** Makes a timestamp authority: a root, and the certificate that it signed for timestamps. */
export function createTestTimestampAuthority(options: {
  readonly organization: string;
  readonly uri: string;
  readonly notBefore: number;
  readonly notAfter: number;
}): TestTimestampAuthority {
  const { organization, uri } = options;
  const root = createTestIssuer({
    ...options,
    commonName: `${organization} timestamping`,
    usage: 'timeStamping',
    intermediate: false,
    keyKind: 'ecdsa-p256',
  });
  const signers = {
    true: createSigner(root, options, 'timeStamping', true),
    wrongEku: createSigner(root, options, 'codeSigning', true),
    notCritical: createSigner(root, options, 'timeStamping', false),
  };
  return {
    uri,
    chain: [signers.true.certificate, ...root.chain],
    stamp: (stamped, time, { embed = false, leaf = 'true', ...rest } = {}) => {
      const signer = signers[leaf];
      const certificates = embed ? [signer.certificate] : [];
      return makeTimestamp({ ...rest, stamped, time, signer, certificates });
    },
  };
}

function createSigner(
  root: TestIssuer,
  { organization, notBefore, notAfter }: { organization: string; notBefore: number; notAfter: number },
  usage: TestUsage,
  isCritical: boolean,
): TimestampContent['signer'] {
  const key = createTestKey('ecdsa-p256');
  const serial = randomBytes(16);
  const certificate = signCertificate(
    {
      serial,
      issuer: root.name,
      subject: encodeName(organization, `${organization} timestamps`),
      notBefore,
      notAfter,
      publicKey: key.publicKey,
      extensions: [
        keyUsage('digitalSignature'),
        extendedKeyUsage([usage], isCritical),
        ...keyIdentifiers(key.publicKey, root.key.publicKey),
      ],
    },
    root.key,
  );
  return { key, certificate, issuer: root.name, serial };
}

// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { parsePemCertificates } from '../certificate/pem.ts';
import { LIMITS } from '../limits.ts';
import { parsePublicKey } from '../policy/key.ts';
import { noteKey } from './sigstore/log/log-key.ts';
import type { TrustedAuthority, TrustedLog, TrustRoot, ValidityWindow } from './trust-root.ts';
import { asTimestampAuthority, at, buildTrustRoot, checkCertificate, invalid } from './trust-root-build.ts';

/** The texts of PEM files: one's own infrastructure, or single files of a public one. */
export type TrustRootFiles = {
  /** The certificate authority: the certificate that issues first, the root last; a root alone will do. */
  readonly certificateChain?: string;
  readonly rekorKeys?: readonly (string | NamedLogKey)[];
  readonly ctKeys?: readonly string[];
  /** The timestamp authority, in the same order; the certificate that signs may stand first. */
  readonly timestampChain?: string;
};

/** A key with the name that its log has in its checkpoints: what Rekor v2 needs, since a key alone does not tell it. */
type NamedLogKey = {
  readonly pem: string;
  /** The first line of the checkpoints, a host name. */
  readonly origin: string;
};

/** Files say nothing of times: the certificates' own dates bound authorities, and nothing bounds logs. */
const ALWAYS: ValidityWindow = { from: 0, until: Number.POSITIVE_INFINITY };

/**
 * A trust root of single PEM files. What is not given is not trusted; logs are known at any time, by their keys (RFC 6962
 * §3.2: the SHA-256 of the key), and those with a name by both (C2SP signed-note).
 *
 * @throws CountersignError TRUST_ROOT_INVALID
 */
export function trustRootOfFiles(name: string, files: TrustRootFiles): TrustRoot {
  return buildTrustRoot(name, () => ({
    certificateAuthorities: readChain(files.certificateChain, 'certificateChain'),
    certificateLogs: readLogs(files.ctKeys, 'ctKeys'),
    logs: readLogs(files.rekorKeys, 'rekorKeys'),
    timestampAuthorities: readChain(files.timestampChain, 'timestampChain').map((authority) =>
      asTimestampAuthority(authority, 'timestampChain'),
    ),
  }));
}

function readChain(pem: string | undefined, path: string): TrustedAuthority[] {
  if (pem === undefined) return [];
  const chain = at(path, () => parsePemCertificates(pem)).map((certificate) =>
    checkCertificate(certificate, path),
  );
  if (chain.length === 0) throw invalid(path, 'empty, wanted certificates in PEM');
  return [{ uri: '', chain, window: ALWAYS }];
}

function readLogs(pems: TrustRootFiles['rekorKeys'] = [], path: string): TrustedLog[] {
  if (pems.length > LIMITS.trustRootEntries)
    throw invalid(path, `${pems.length} keys, at most ${LIMITS.trustRootEntries} are allowed`);
  return pems.map((one, index) => {
    const { pem, origin = '' } = typeof one === 'string' ? { pem: one } : one;
    const { key } = at(`${path}[${index}]`, () => parsePublicKey(pem));
    const spki = key.export({ format: 'der', type: 'spki' });
    const named = origin === '' ? spki : noteKey({ key, spki }, origin);
    const id = createHash('sha256').update(named).digest('hex');
    const baseUrl = origin === '' ? '' : `https://${origin}`;
    return { id, key, spki, keyDetails: '', window: ALWAYS, baseUrl };
  });
}

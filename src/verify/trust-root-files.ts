// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { parsePemCertificates } from '../certificate/pem.ts';
import { LIMITS } from '../limits.ts';
import { parsePublicKey } from '../policy/key.ts';
import { noteKey } from './sigstore/log/log-key.ts';
import type { TrustedAuthority, TrustedLog, TrustRoot, ValidityWindow } from './trust-root.ts';
import {
  asCertificateAuthority,
  asTimestampAuthority,
  at,
  buildTrustRoot,
  checkCertificate,
  invalid,
} from './trust-root-build.ts';

/** The text of a PEM file, and how messages call the file. */
type PemFile = { readonly pem: string; readonly file?: string };

/** PEM files: one's own infrastructure, or single files of a public one. Texts alone have no name in messages. */
export type TrustRootFiles = {
  /** The certificate authority: the certificate that issues first, the root last; a root alone will do. */
  readonly certificateChain?: string | PemFile;
  readonly rekorKeys?: readonly (string | LogKeyFile)[];
  readonly ctKeys?: readonly (string | PemFile)[];
  /** The timestamp authority, in the same order; the certificate that signs may stand first. */
  readonly timestampChain?: string | PemFile;
};

type LogKeyFile = PemFile & {
  /**
   * The name that the log has in its checkpoints, a host name: what Rekor v2 needs, since a key alone does not tell it.
   */
  readonly origin?: string;
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
  const [certificates, timestamps] = [asFile(files.certificateChain), asFile(files.timestampChain)];
  return buildTrustRoot(name, () => ({
    certificateAuthorities: readChain(certificates, 'certificateChain', asCertificateAuthority),
    certificateLogs: readLogs(files.ctKeys, 'ctKeys'),
    logs: readLogs(files.rekorKeys, 'rekorKeys'),
    timestampAuthorities: readChain(timestamps, 'timestampChain', asTimestampAuthority),
  }));
}

function asFile(one: string | PemFile | undefined): PemFile | undefined {
  return typeof one === 'string' ? { pem: one } : one;
}

/** Where something stands: its key of the Config and the file, which is what people open. */
function pathOf(key: string, { file }: Partial<PemFile> = {}): string {
  return file === undefined ? key : `${key} (${file})`;
}

function readChain<To>(
  file: PemFile | undefined,
  key: string,
  as: (authority: TrustedAuthority, path: string) => To,
): To[] {
  if (file === undefined) return [];
  const path = pathOf(key, file);
  const chain = at(path, () => parsePemCertificates(file.pem)).map((certificate) =>
    checkCertificate(certificate, path),
  );
  if (chain.length === 0) throw invalid(path, 'empty, wanted certificates in PEM');
  return [as({ uri: '', chain, window: ALWAYS }, path)];
}

function readLogs(files: TrustRootFiles['rekorKeys'] = [], list: string): TrustedLog[] {
  if (files.length > LIMITS.trustRootEntries)
    throw invalid(list, `${files.length} keys, at most ${LIMITS.trustRootEntries} are allowed`);
  const several = `each key is an entry of its own: ${list}: [{ file: … }, { file: … }]`;
  return files.map((one, index) => {
    const file: LogKeyFile = typeof one === 'string' ? { pem: one } : one;
    const { pem, origin = '' } = file;
    const { key } = at(pathOf(`${list}[${index}]`, file), () => parsePublicKey(pem, several));
    const spki = key.export({ format: 'der', type: 'spki' });
    const named = origin === '' ? spki : noteKey({ key, spki }, origin);
    const id = createHash('sha256').update(named).digest('hex');
    const baseUrl = origin === '' ? '' : `https://${origin}`;
    return { id, key, spki, keyDetails: '', window: ALWAYS, baseUrl };
  });
}

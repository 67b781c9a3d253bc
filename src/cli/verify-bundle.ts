// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import type { CodeEntry } from '../codes/entry.ts';
import { readable } from '../config/index.ts';
import { asCountersignError, CODES, type Code, CountersignError } from '../errors.ts';
import {
  type KeySigner,
  type PublicKey,
  parsePublicKey,
  type Signer,
  type TextTest,
} from '../policy/index.ts';
import {
  type Artifact,
  artifactOfContent,
  artifactOfDigest,
  type Evidence,
  type ReadBundle,
  readBundle,
  type TrustRoots,
  verifyReadBundle,
} from '../verify/index.ts';
import type { Terminal } from './terminal.ts';
import { bundleTrustRoots } from './trusted-root.ts';

/** The arguments of the Sigstore conformance suite. */
export type VerifyBundleOptions = {
  readonly bundle: string;
  readonly staging?: boolean;
  readonly certificateIdentity?: string;
  readonly certificateOidcIssuer?: string;
  readonly key?: string;
  readonly trustedRoot?: string;
};

const DIGEST = /^sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/;

/**
 * `countersign verify-bundle FILE_OR_DIGEST`: whether a bundle is a signature of a file by somebody, whatever a statement
 * in it says of the file. Exit code 0 verified, 1 rejected, 3 inconclusive.
 *
 * @throws CountersignError USAGE, FILE_UNREADABLE, KEY_INVALID, TRUST_ROOT_INVALID
 */
export async function verifyBundleCommand(
  target: string,
  options: VerifyBundleOptions,
  terminal: Terminal,
): Promise<number> {
  const artifact = artifactOf(target);
  const bytes = readFile(options.bundle);
  const signer = signerOf(options);
  const trust = bundleTrustRoots(options, terminal.env);
  try {
    const evidence = verify(bytes, signer, artifact, trust);
    terminal.out(`verified\n${rowsOf(evidence)}`);
    return 0;
  } catch (error) {
    const { code, message } = asCountersignError(error);
    const isRejected = CODES[code].class === 'rejected';
    const hint = hintFor(code);
    const hintLine = hint === '' ? '' : `  hint: ${hint}\n`;
    terminal.out(`${isRejected ? 'rejected' : 'inconclusive'} ${code}: ${message}\n${hintLine}`);
    return isRejected ? 1 : 3;
  }
}

function hintFor(code: Code): string {
  const { hint, hintIsFor }: CodeEntry = CODES[code];
  return hintIsFor === 'images' ? '' : hint;
}

function verify(bytes: Uint8Array, signer: Signer, artifact: Artifact, trust: TrustRoots): Evidence {
  const read = readBundle(bytes);
  return verifyReadBundle(read, withLog(signer, read), artifact, Date.now(), trust);
}

/**
 * A key demands no log entry; where there is one, it must hold all the same: who hands over a bundle with a log entry says
 * that it is in the log.
 */
function withLog(signer: Signer, { bundle }: ReadBundle): Signer {
  if (signer.kind !== 'key' || bundle.logEntries.length === 0) return signer;
  return { ...signer, demands: { ...signer.demands, logEntries: 1 } };
}

/** A file that is named like a digest is a file: the protocol of the conformance suite has it so. */
function artifactOf(target: string): Artifact {
  if (DIGEST.test(target) && !existsSync(target)) return artifactOfDigest(target);
  return artifactOfContent(readFile(target));
}

function readFile(path: string): Buffer {
  return readable(path, () => readFileSync(path));
}

const COMMON = { name: 'the signer', annotations: {}, trustRoot: 'default' } as const;

function signerOf({
  key,
  certificateIdentity: identity,
  certificateOidcIssuer: issuer,
}: VerifyBundleOptions): Signer {
  // An unset variable of a script must not ask for a certificate that names nobody.
  if (key === '' || identity === '' || issuer === '') throw unsaid();
  if (key !== undefined && (identity ?? issuer) === undefined) return keySigner(key);
  if (key !== undefined || identity === undefined || issuer === undefined) {
    throw unsaid();
  }
  return {
    ...COMMON,
    kind: 'keyless',
    issuer: exactly(issuer),
    subject: { ...exactly(identity), kinds: ['uri', 'email', 'otherName', 'dns'] },
    claims: [],
    demands: { logEntries: 1, timestamps: 0, scts: 1, unsafeNoTime: false },
  };
}

function unsaid(): CountersignError {
  const wanted = '--certificate-identity with --certificate-oidc-issuer, or --key';
  return new CountersignError('USAGE', `who must have signed? wanted ${wanted}, and none of them empty`);
}

function keySigner(file: string): KeySigner {
  const key = { ...publicKeyIn(file), source: file };
  const demands = { logEntries: 0, timestamps: 0, scts: 0, unsafeNoTime: false };
  return { ...COMMON, kind: 'key', keys: [key], demands };
}

function publicKeyIn(file: string): PublicKey {
  const pem = readFile(file).toString('utf8');
  try {
    return parsePublicKey(pem);
  } catch (cause) {
    throw new CountersignError('KEY_INVALID', `--key ${file}: ${asCountersignError(cause).message}`, {
      cause,
    });
  }
}

function exactly(text: string): TextTest {
  return { text, matches: (value) => value === text };
}

function rowsOf({ subject, issuer, keyFingerprint, algorithm, predicateType, times = [] }: Evidence): string {
  const rows = [
    ['subject', subject],
    ['issuer', issuer],
    ['key', `${keyFingerprint} (${algorithm})`],
    ['predicate', predicateType],
    ['signed at', [...new Set(times)].join(', ')],
  ];
  return rows
    .map(([label, text]) => (text ? `  ${label?.padEnd(10)}${JSON.stringify(text).slice(1, -1)}\n` : ''))
    .join('');
}

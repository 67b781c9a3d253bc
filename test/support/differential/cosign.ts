// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COSIGN_SIGN_PREDICATE, makeBundleManifest, startTestRegistry } from '../../../src/testing/index.ts';
import type { DifferentialCase, Verdict } from './case.ts';

const execute = promisify(execFile);

/** The real cosign, with a registry on loopback that holds the images of statements. */
export type Cosign = { judge(one: DifferentialCase): Promise<Verdict>; close(): Promise<void> };

/** Starts the registry, and makes a folder for what cosign reads. */
export async function startCosign(): Promise<Cosign> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-differential-'));
  const registry = await startTestRegistry();
  let count = 0;
  const write = (name: string, content: Uint8Array | string) => {
    writeFileSync(join(folder, name), content);
    return name;
  };

  function argumentsOf({ bundle, artifact }: DifferentialCase, at: number): string[] {
    const content = contentOf(bundle);
    const file = () => ['--bundle', write(`${at}.bundle.json`, bundle)];
    const blob = () => (typeof artifact === 'string' ? artifact : write(`${at}.artifact`, artifact));
    if (content === 'message') return ['verify-blob', ...file(), blob()];
    if (content === COSIGN_SIGN_PREDICATE && typeof artifact !== 'string')
      return ['verify', imageWith(bundle, artifact, at)];
    const attestation = ['verify-blob-attestation', ...file(), '--type', content];
    if (typeof artifact !== 'string') return [...attestation, blob()];
    const [algorithm = '', digest = ''] = artifact.split(':');
    return [...attestation, '--digest', digest, '--digestAlg', algorithm];
  }

  /** An image whose manifest is the artifact, with the bundle as its referrer. */
  function imageWith(bundle: Uint8Array, artifact: Uint8Array, at: number): string {
    const repository = `case/${at}`;
    const image = registry.putManifest(repository, artifact, { mediaType: OCI_MANIFEST });
    registry.putBlob(repository, bundle);
    const content = { content: 'dsse', predicateType: COSIGN_SIGN_PREDICATE } as const;
    registry.putManifest(repository, makeBundleManifest(bundle, image, content));
    return `${registry.host}/${repository}@${image.digest}`;
  }

  return {
    async judge(one) {
      count += 1;
      const root = ['--trusted-root', write(`${count}.root.json`, one.trustedRoot)];
      const [command = '', ...args] = argumentsOf(one, count);
      const who = signerArguments(one, (pem) => write(`${count}.pub`, pem));
      return runCosign(folder, [command, ...root, ...who, ...args]);
    },
    async close() {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What is signed: `message`, or a statement, by its type. */
function contentOf(bundle: Uint8Array): string {
  const { dsseEnvelope } = parsed(bundle);
  if (dsseEnvelope === undefined) return 'message';
  const { predicateType = COSIGN_SIGN_PREDICATE } = parsed(Buffer.from(dsseEnvelope.payload, 'base64'));
  return String(predicateType);
}

type Parsed = {
  readonly dsseEnvelope?: { readonly payload: string };
  readonly verificationMaterial?: { readonly tlogEntries?: readonly unknown[] };
  readonly predicateType?: unknown;
};

/** Whatever is there: not all that is to be judged is JSON. */
function parsed(bytes: Uint8Array): Parsed {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return {};
  }
}

/** A key is held against the log where the bundle has an entry, as our command does it. */
function signerArguments({ signer, bundle }: DifferentialCase, write: (pem: string) => string): string[] {
  if (!('key' in signer)) {
    return ['--certificate-identity', signer.identity, '--certificate-oidc-issuer', signer.issuer];
  }
  const isLogged = (parsed(bundle).verificationMaterial?.tlogEntries ?? []).length > 0;
  return ['--key', write(signer.key), ...(isLogged ? [] : ['--insecure-ignore-tlog'])];
}

/** What a command line of cosign says, without network but loopback; the reason is what it prints. */
export async function runCosign(folder: string, args: readonly string[]): Promise<Verdict> {
  const env = { PATH: process.env['PATH'], HOME: folder, TUF_ROOT: join(folder, 'tuf') };
  try {
    await execute('cosign', args, { cwd: folder, env, timeout: 200_000 });
    return { accepts: true, reason: 'accepted' };
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { accepts: false, reason: stderr };
  }
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  type BundleJson,
  createTestKey,
  createTestSigstore,
  githubIdentity,
  makeStatement,
  type TestBundleOptions,
  type TestSigstore,
  type TrustedRootJson,
  type TrustedRootOptions,
} from '../../src/testing/index.ts';
import { folderOf, runCommand } from './command.ts';

/** When all of it is signed. */
export const NOW = Date.UTC(2026, 4, 1, 12);
const ARTIFACT = 'what was signed\n';
const DIGEST = 'sha256:85999f6d19ff813b250cfa60acfcdad6eb999d11c274ba890359ced8e5afc606';

/** The Sigstore that signs; its second log has a P-256 key, whose id does not tell the version of the log. */
export const WORLD = createTestSigstore({ now: NOW, rekorV2Key: 'ecdsa-p256' });
export const KEY = createTestKey();
const SIGNER = githubIdentity('acme/web');

export const STATEMENT = { statement: makeStatement({ digest: DIGEST }) };
export const MESSAGE = { message: ARTIFACT };

/** What a trust root may say of an authority whose certificates it has not got. */
export const NOBODY = {
  subject: { organization: 'unrelated', commonName: 'unrelated' },
  uri: 'https://unrelated.test',
  certChain: { certificates: [] },
  validFor: { start: '2020-01-01T00:00:00Z' },
};

/** A bundle, and what else the command line of the conformance suite gives. */
export type Situation = {
  readonly bundle: Buffer | string;
  /** Default: that of {@link WORLD}. */
  readonly root?: Buffer | string;
  /** Who is wanted. Default: the identity. */
  readonly by?: 'key' | 'identity' | 'both';
};

/** A bundle by the identity, unless a key is ordered. */
export function signed(
  options: Partial<TestBundleOptions> & Pick<TestBundleOptions, 'content'>,
  world: TestSigstore = WORLD,
): Buffer {
  return world.signBundle({ ...(options.key ? {} : { identity: SIGNER }), ...options });
}

/** A bundle changed after all was signed. */
export function changed(bundle: Buffer, edit: (bundle: BundleJson) => void): Buffer {
  const json: BundleJson = JSON.parse(bundle.toString());
  edit(json);
  return Buffer.from(JSON.stringify(json));
}

/** The trust root of {@link WORLD}, changed. */
export function rootWith(edit: (root: TrustedRootJson) => void, options: TrustedRootOptions = {}): Buffer {
  return WORLD.trustedRoot({ ...options, edit });
}

/** The entries of a bundle, to be changed. */
export function entriesOf({ verificationMaterial }: BundleJson): Record<string, unknown>[] {
  const { tlogEntries } = verificationMaterial;
  assert.ok(Array.isArray(tlogEntries) && tlogEntries.length > 0);
  return tlogEntries;
}

/** Takes the checkpoints away: what is left of a proof says nothing of the log. */
export function withoutCheckpoint(bundle: BundleJson): void {
  for (const { inclusionProof } of entriesOf(bundle)) {
    Object.assign(inclusionProof as object, { checkpoint: undefined });
  }
}

/** What the command says, once of the file and once of its digest, which must be the same. */
export async function judge({ bundle, root = WORLD.trustedRoot(), by = 'identity' }: Situation) {
  const text = (bytes: Buffer | string) => bytes.toString();
  const folder = folderOf({
    artifact: ARTIFACT,
    'bundle.json': text(bundle),
    'root.json': text(root),
    'key.pub': KEY.publicKeyPem,
  });
  const { issuer, subject } = SIGNER;
  assert.ok(typeof subject === 'string');
  const signer = [
    ...(by === 'identity' ? [] : ['--key', folder.path('key.pub')]),
    ...(by === 'key' ? [] : ['--certificate-identity', subject, '--certificate-oidc-issuer', issuer]),
  ];
  const args = [
    '--bundle',
    folder.path('bundle.json'),
    ...signer,
    '--trusted-root',
    folder.path('root.json'),
  ];
  try {
    const of = (target: string) => runCommand(['verify-bundle', ...args, target]);
    const [whole, digest] = [await of(folder.path('artifact')), await of(DIGEST)];
    assert.deepEqual([digest.exit, codeOf(digest)], [whole.exit, codeOf(whole)]);
    return { exit: whole.exit, code: codeOf(whole), text: `${whole.stdout}${whole.stderr}` };
  } finally {
    folder.close();
  }
}

function codeOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  const [, code = 'verified'] = /^rejected (\w+):/.exec(stdout) ?? /\[(\w+)\]\n/.exec(stderr) ?? [];
  return code;
}

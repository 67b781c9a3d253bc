// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, runCommand } from './command.ts';

/** One case of the Sigstore conformance suite: a bundle, and whether it must be accepted. */
export type ConformanceCase = {
  readonly name: string;
  /** What the name says: those that end in `_fail` must be rejected. */
  readonly expected: 'accept' | 'reject';
  /** The command line, but for what the bundle is about. */
  readonly options: readonly string[];
  readonly artifact: string;
};

/** How a case names its artifact. */
export const FORMS = ['path', 'digest'] as const;

/** The identity of the workflow that signs for the suite, where a case names no other. */
const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';

/** The suite asks this one with a key and an identity at once, by its name. */
const BOTH = 'managed-key-and-client-identity_fail';

/**
 * The cases in a folder: a folder each, in the layout of the suite's `bundle-verify`.
 *
 * @param trustedRoot the trust root of cases that have none of their own
 */
export function conformanceCases(folder: string, trustedRoot: string): readonly ConformanceCase[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return names.map((name) => {
    const file = (part: string) => join(folder, name, part);
    const own = (part: string, usual: string) => (existsSync(file(part)) ? file(part) : usual);
    const text = (part: string, usual: string) =>
      existsSync(file(part)) ? readFileSync(file(part), 'utf8').trim() : usual;
    const isKeyed = existsSync(file('key.pub'));
    const identity = ['--certificate-identity', text('identity', IDENTITY)];
    const issuer = ['--certificate-oidc-issuer', text('issuer', ISSUER)];
    const signer = [
      ...(isKeyed ? ['--key', file('key.pub')] : []),
      ...(isKeyed && name !== BOTH ? [] : [...identity, ...issuer]),
    ];
    const root = ['--trusted-root', own('trusted_root.json', trustedRoot)];
    return {
      name,
      expected: name.endsWith('_fail') ? 'reject' : 'accept',
      options: ['verify-bundle', '--bundle', file('bundle.sigstore.json'), ...signer, ...root],
      artifact: own('artifact', join(folder, 'a.txt')),
    };
  });
}

/** What the command says to a case. */
export async function runConformanceCase(
  { options, artifact }: ConformanceCase,
  form: (typeof FORMS)[number],
): Promise<Outcome> {
  const digest = () => `sha256:${createHash('sha256').update(readFileSync(artifact)).digest('hex')}`;
  return runCommand([...options, form === 'path' ? artifact : digest()]);
}

/**
 * Whether the command answered as the case demands. A key or a trust root that is none is refused before any bundle is
 * looked at, as a wrong argument, and so are two signers where the case is about them.
 */
export function isAsExpected(
  { name, expected }: ConformanceCase,
  { exit, stdout, stderr }: Outcome,
): boolean {
  if (expected === 'accept') return exit === 0 && stdout.startsWith('verified\n');
  if (exit === 1) return stdout.startsWith('rejected ');
  const codes = ['KEY_INVALID', 'TRUST_ROOT_INVALID', ...(name === BOTH ? ['USAGE'] : [])];
  return exit === 2 && codes.some((code) => stderr.includes(`[${code}]`));
}

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
    const signer = existsSync(file('key.pub'))
      ? ['--key', file('key.pub')]
      : [
          '--certificate-identity',
          text('identity', IDENTITY),
          '--certificate-oidc-issuer',
          text('issuer', ISSUER),
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
 * Whether the command answered as the case demands. A key that is none is refused before any bundle is looked at, as a
 * wrong argument.
 */
export function isAsExpected({ expected }: ConformanceCase, { exit, stdout, stderr }: Outcome): boolean {
  if (expected === 'accept') return exit === 0 && stdout.startsWith('verified\n');
  return (exit === 1 && stdout.startsWith('rejected ')) || (exit === 2 && stderr.includes('[KEY_INVALID]'));
}

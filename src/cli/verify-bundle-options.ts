// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { refuseTwice } from './given-once.ts';
import type { Terminal } from './terminal.ts';

/** Adds `verify-bundle`, with exactly the arguments of the Sigstore conformance suite. */
export function addVerifyBundle(
  program: Command,
  terminal: Terminal,
  finish: (exitCode: number) => void,
): void {
  const command = program
    .command('verify-bundle')
    .description('verify one Sigstore bundle of one file, as the Sigstore conformance suite asks')
    .argument('<file-or-digest>', 'what was signed: a file, or sha256: and its hex digest')
    .requiredOption('--bundle <file>', 'the Sigstore bundle, JSON (required)')
    .option('--certificate-identity <identity>', 'the whole subject of the certificate')
    .option('--certificate-oidc-issuer <url>', 'the whole issuer in the certificate')
    .option('--key <file>', 'public key, PEM, instead of an identity')
    .option('--trusted-root <file>', 'trusted_root.json instead of that of the public-good instance')
    .option('--staging', 'the staging instance of Sigstore')
    .action(async (target: string, options) => {
      const { verifyBundleCommand } = await import('./verify-bundle.ts');
      finish(await verifyBundleCommand(target, options, terminal));
    });
  refuseTwice(command);
}

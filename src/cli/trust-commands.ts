// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { configOption, outputOption, trustedRootOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';

/** Adds `trust show` and `trust update`. */
export function addTrust(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  const trust = program.command('trust').description('what keyless signatures rest on: authorities and logs');
  trust
    .command('show')
    .description('every authority and log that is trusted, and until when')
    .addOption(configOption())
    .addOption(trustedRootOption())
    .addOption(outputOption())
    .action(async (options) => {
      const { trustShowCommand } = await import('./trust-show.ts');
      finish(trustShowCommand(options, terminal));
    });
  trust
    .command('update')
    .description('fetch trust roots from their TUF repositories now, and keep them for the other commands')
    .addOption(configOption())
    .addOption(outputOption())
    .action(async (options) => {
      const { trustUpdateCommand } = await import('./trust-update.ts');
      finish(await trustUpdateCommand(options, terminal));
    });
}

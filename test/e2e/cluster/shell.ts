// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, runProgram } from './commands.ts';

/** A shell whose folder and exported variables last from one text to the next. */
export type Shell = { run(text: string): Promise<Outcome> };

/**
 * Opens such a shell. A text ends at the first command that fails, as if each were typed and looked at.
 *
 * @param commands scripts for the PATH, by name, before what is on it
 */
export function openShell(
  folder: string,
  commands: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Shell {
  const bin = join(folder, 'bin');
  const exported = join(folder, 'exported');
  mkdirSync(bin, { recursive: true });
  writeFileSync(exported, '');
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const path = `${bin}:${process.env['PATH']}`;
  return {
    run(text) {
      const script = `set -euo pipefail\n. '${exported}'\ncd '${folder}'\n${text}\nexport -p > '${exported}'\n`;
      return runProgram('bash', ['-c', script], { env: { ...env, PATH: path, HOME: folder } });
    },
  };
}

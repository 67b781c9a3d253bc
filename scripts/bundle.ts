// SPDX-License-Identifier: Apache-2.0
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeGate } from './supported-node.ts';

const root = join(import.meta.dirname, '..');

/** Makes the command line and its server one file, an ES module that needs nothing beside it but Node. */
export async function bundleCommand(outfile: string): Promise<void> {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    legalComments: 'eof',
    logLevel: 'warning',
    // The bundled CommonJS packages ask for Node's own modules with `require`.
    banner: {
      js: `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);
${nodeGate(engines.node)}`,
    },
  });
  chmodSync(outfile, 0o755);
}

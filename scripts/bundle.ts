// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { partsOfPackages } from './parts-of-packages.ts';
import { nodeGate } from './supported-node.ts';

const root = join(import.meta.dirname, '..');

/** Makes the command line and its server one file, an ES module that needs nothing beside it but Node. */
export async function bundleCommand(outfile: string): Promise<void> {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile,
    bundle: true,
    write: false,
    plugins: [partsOfPackages(root)],
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
  for (const { path, text } of outputFiles) writeFileSync(path, inAscii(text), { mode: 0o755 });
}

/** What is left of other characters stands in comments; a single one would make V8 keep the whole source in two bytes each. */
function inAscii(text: string): string {
  return text.replaceAll(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

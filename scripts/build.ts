// SPDX-License-Identifier: Apache-2.0

/*
 * `npm run build`: dist/ from nothing. The library as modules with their types, by tsc; the command line and
 * its server as one file that starts fast, by esbuild.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { nodeGate } from './supported-node.ts';

const root = join(import.meta.dirname, '..');
const bundle = join(root, 'dist/countersign.js');

rmSync(join(root, 'dist'), { recursive: true, force: true });
compileLibrary();
await bundleCommand();

function compileLibrary(): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const tsc = join(typescript, 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
}

async function bundleCommand(): Promise<void> {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile: bundle,
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
  chmodSync(bundle, 0o755);
}

// SPDX-License-Identifier: Apache-2.0

/*
 * `npm run build`: dist/ from nothing. The library as modules with their types, by tsc; the command line and
 * its server as one file that starts fast, by esbuild.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundleCommand } from './bundle.ts';

const root = join(import.meta.dirname, '..');

rmSync(join(root, 'dist'), { recursive: true, force: true });
compileLibrary();
await bundleCommand(join(root, 'dist/countersign.js'));

function compileLibrary(): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  const tsc = join(typescript, 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
}

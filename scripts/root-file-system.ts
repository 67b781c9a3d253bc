// SPDX-License-Identifier: Apache-2.0

/*
 * `node scripts/root-file-system.ts FOLDER [LAYER.tar]`: what the Dockerfile puts into the image, put together without
 * Docker from the Node that runs this and the libraries that it loads. For tests of the image's content, and for
 * builds where there is no Docker: the layer has owners, order and times of its own, so the same input is the same layer.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleCommand } from './bundle.ts';

/** Where things are in the image, and how Node is started there; the Dockerfile says the same. */
export const IMAGE = {
  node: '/nodejs/bin/node',
  command: '/app/countersign.mjs',
  flags: ['--max-semi-space-size=8'],
  env: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '2097152', MALLOC_MMAP_THRESHOLD_: '32768' },
  user: 65532,
} as const;

/** The files that the C library and programs look for in every system. Node brings its CA certificates itself. */
const SYSTEM: Readonly<Record<string, string>> = {
  '/etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${IMAGE.user}:${IMAGE.user}:nonroot:/home/nonroot:/sbin/nologin\n`,
  '/etc/group': `root:x:0:\nnonroot:x:${IMAGE.user}:\n`,
  '/etc/nsswitch.conf': 'hosts: files dns\n',
};

/** Puts the image's root file system into a folder, readable by all and to be written by nobody. Linux only. */
export async function assembleRootFileSystem(folder: string): Promise<void> {
  const put = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o755 });
    return join(folder, path);
  };
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  for (const [path, text] of Object.entries(SYSTEM)) writeFileSync(put(path), text, { mode: 0o644 });
  copyFileSync(process.execPath, put(IMAGE.node));
  for (const library of librariesOf(process.execPath)) copyFileSync(library, put(library));
  await bundleCommand(put(IMAGE.command));
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', folder]);
}

/** The shared libraries that a program loads, the loader among them, by the paths at which it looks for them. */
function librariesOf(program: string): string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' });
  const missing = /^\s*(\S+) => not found$/m.exec(listed);
  if (missing !== null) throw new Error(`${program}: ${missing[1]} is not on this machine`);
  return [...listed.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}

function writeLayer(folder: string, layer: string): void {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  execFileSync('tar', [...same, '-C', folder, '-cf', layer, '.']);
}

if (import.meta.main) {
  const [folder, layer, ...others] = process.argv.slice(2);
  if (folder === undefined || others.length > 0) {
    process.stderr.write('usage: node scripts/root-file-system.ts FOLDER [LAYER.tar]\n');
    process.exit(2);
  }
  await assembleRootFileSystem(folder);
  if (layer !== undefined) writeLayer(folder, layer);
}

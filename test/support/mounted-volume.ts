// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder that goes away with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Contents by file name. */
export type Contents = Readonly<Record<string, string>>;

/**
 * Lays files out as the kubelet mounts a ConfigMap or Secret: `name -> ..data/name`, `..data -> ..TIMESTAMP`.
 * `swap` replaces all contents at once, by renaming a new link over `..data`; the old folder is removed after.
 */
export function mountVolume(folder: string, contents: Contents): { swap(contents: Contents): void } {
  let generation = 0;
  const data = join(folder, '..data');
  const current = () => join(folder, `..generation_${generation}`);

  function swap(next: Contents): void {
    const old = generation === 0 ? undefined : current();
    generation += 1;
    mkdirSync(current());
    for (const [name, text] of Object.entries(next)) writeFileSync(join(current(), name), text);
    symlinkSync(`..generation_${generation}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), data);
    if (old !== undefined) rmSync(old, { recursive: true });
  }

  swap(contents);
  for (const name of Object.keys(contents)) symlinkSync(join('..data', name), join(folder, name));
  return { swap };
}

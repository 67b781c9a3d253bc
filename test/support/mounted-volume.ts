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
 * `swap` replaces all contents at once, by renaming a new link over `..data`; then come the links of new names, then
 * those of names that are no more go, and the old folder is removed.
 */
export function mountVolume(folder: string, contents: Contents): { swap(contents: Contents): void } {
  let generation = 0;
  const linked = new Set<string>();
  const data = join(folder, '..data');
  const current = () => join(folder, `..generation_${generation}`);

  function swap(next: Contents): void {
    const old = generation === 0 ? undefined : current();
    generation += 1;
    mkdirSync(current());
    for (const [name, text] of Object.entries(next)) writeFileSync(join(current(), name), text);
    symlinkSync(`..generation_${generation}`, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), data);
    for (const name of Object.keys(next)) link(name);
    for (const name of linked) if (!Object.hasOwn(next, name)) unlink(name);
    if (old !== undefined) rmSync(old, { recursive: true });
  }

  function link(name: string): void {
    if (linked.has(name)) return;
    symlinkSync(join('..data', name), join(folder, name));
    linked.add(name);
  }

  function unlink(name: string): void {
    rmSync(join(folder, name));
    linked.delete(name);
  }

  swap(contents);
  return { swap };
}

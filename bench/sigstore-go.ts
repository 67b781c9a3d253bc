// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { IDENTITY, type KeylessMaterial } from './keyless-material.ts';

const SOURCE = fileURLToPath(new URL('baselines/sigstore-go', import.meta.url));

/** A process that verifies with sigstore-go, on one core. */
export type SigstoreGo = {
  /** Library and version. */
  readonly name: string;
  /** Verifies so many bundles, going on where it stopped; gives how many per second. */
  run(count: number): Promise<number>;
  stop(): void;
};

/** `undefined` where the program cannot be built, because there is no Go or no module proxy. */
export function startSigstoreGo({ images, trustedRoot }: KeylessMaterial): SigstoreGo | undefined {
  const [, version = ''] = /sigstore-go (v\S+)/.exec(readFileSync(join(SOURCE, 'go.mod'), 'utf8')) ?? [];
  const program = build(version);
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const listed = images.map(({ image, bundle }) => ({
    digest: image.digest.slice('sha256:'.length),
    bundle: bundle.toString('base64'),
  }));
  writeFileSync(join(folder, 'images.json'), JSON.stringify(listed));
  writeFileSync(join(folder, 'trusted_root.json'), trustedRoot);
  const child = spawn(program, [folder, IDENTITY.subject, IDENTITY.issuer], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    name: `sigstore-go ${version}`,
    async run(count) {
      child.stdin.write(`${count}\n`);
      const { value: seconds, done = false } = await answers.next();
      if (done) throw new Error('sigstore-go did not verify');
      return count / Number(seconds);
    },
    stop() {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Into the cache folder, once per version and source. */
function build(version: string): string | undefined {
  const cache = process.env['COUNTERSIGN_CACHE'] ?? join(homedir(), '.cache/countersign');
  const program = join(cache, `bench-sigstore-go-${version}`, 'sigstore-go');
  if (existsSync(program)) return program;
  try {
    const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
    execFileSync('go', ['build', '-trimpath', '-o', program, '.'], {
      cwd: SOURCE,
      env,
      stdio: ['ignore', 2, 2],
    });
    return program;
  } catch (error) {
    process.stderr.write(`sigstore-go cannot be built: ${String(error)}\n`);
    return undefined;
  }
}

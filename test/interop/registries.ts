// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RealServer, startRealServer } from './tools.ts';

/** A real registry for one test file, with its data in a temporary folder. */
export type RealRegistry = RealServer & { readonly folder: string };

/** go-containerregistry's registry: it serves the referrers API, and errs about `artifactType`. */
export async function startRefreg(): Promise<RealRegistry> {
  return inFolder(() => startRealServer((address) => ['refreg', '-address', address]));
}

/** Debian's docker-registry 2.8: no referrers API. `auth` is the `auth:` section of its configuration. */
export async function startDockerRegistry(auth = ''): Promise<RealRegistry> {
  return inFolder((folder) =>
    startRealServer((address) => {
      const file = join(folder, 'registry.yml');
      writeFileSync(
        file,
        `version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: ${folder}/data }, delete: { enabled: true } }
http: { addr: ${address} }
${auth}`,
      );
      return ['docker-registry', 'serve', file];
    }),
  );
}

async function inFolder(start: (folder: string) => Promise<RealServer>): Promise<RealRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-interop-'));
  const server = await start(folder);
  return {
    host: server.host,
    folder,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The user that `HTPASSWD` lets in; the line is what `htpasswd -nbB` prints for them. */
export const USER = { name: 'ci', password: 'correct horse' } as const;
const HTPASSWD = 'ci:$2b$05$7f20dAtkUGORxcazGOMU4OWyZahEZWvvvnHdMrjRcbYqaJxBTgvxy\n';

/** docker-registry that lets only {@link USER} in, by HTTP Basic. */
export async function startBasicAuthRegistry(): Promise<RealRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-interop-'));
  const file = join(folder, 'htpasswd');
  writeFileSync(file, HTPASSWD);
  const registry = await startDockerRegistry(`auth: { htpasswd: { realm: interop, path: ${file} } }`);
  return {
    ...registry,
    async stop() {
      await registry.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A docker `config.json` folder with one host's credential, as `docker login` writes it. */
export function dockerConfigFolder(host: string, user: { name: string; password: string } = USER): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-docker-'));
  const auth = Buffer.from(`${user.name}:${user.password}`).toString('base64');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  return folder;
}

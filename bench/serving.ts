// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE } from '../scripts/root-file-system.ts';
import { createTestCertificate } from '../src/testing/index.ts';
import { type Child, eventually, freePort, startChild } from './child.ts';
import { type Load, openLoad } from './load.ts';
import { POLICY } from './world.ts';

const CONNECTIONS = 16;

/** The server that does nothing but the transport. */
export const BASELINE = 'bench/baselines/https-server.ts';

/** A process that serves, and connections to it. */
export type Server = { readonly child: Child; readonly load: Load; readonly port: number };

/** Starts a process that serves on a port of its own, and connects to it. */
export async function startServer(
  argumentsFor: (port: number) => readonly string[],
  ca: string,
): Promise<Server> {
  const port = await freePort();
  const child = startChild(argumentsFor(port), IMAGE.env);
  try {
    let load: Load | undefined;
    await eventually(async () => {
      load = await openLoad(port, ca, CONNECTIONS);
    });
    if (load === undefined) throw new Error('no connection');
    return { child, load, port };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Starts the baseline with the certificate among these files; it answers /mutate with `patch`, in base64, if there is one. */
export function startBaseline(folder: string, ca: string, ...patch: readonly string[]): Promise<Server> {
  return startServer((port) => [BASELINE, ...certificateIn(folder), `${port}`, ...patch], ca);
}

/** Ends these processes, and the connections to them. */
export async function stopServers(servers: readonly Server[]): Promise<void> {
  for (const { child, load } of servers) {
    load.close();
    await child.stop();
  }
}

/** A Pod that a Job made, as an API server of version 1.36 sent it, with another image. */
export function podReview(image: string): string {
  const text = readFileSync(new URL('./reviews/pod.json', import.meta.url), 'utf8');
  const review = JSON.parse(text, (name, value) =>
    name === 'image' && typeof value === 'string' ? image : value,
  );
  return JSON.stringify(review, undefined, 1);
}

/** The files of a server that trusts one key; gives the CA of its certificate. */
export function writeServeFiles(folder: string, host: string, publicKeyPem: string): string {
  const { certificate, privateKey, ca } = createTestCertificate();
  const config = `apiVersion: countersign.dev/v1\nkind: Config\nregistries:\n  "${host}": { unsafePlainHttp: true }\n`;
  const files = { 'policy.yaml': POLICY, 'config.yaml': config, 'release.pub': publicKeyPem };
  for (const [name, content] of Object.entries({ ...files, 'tls.crt': certificate, 'tls.key': privateKey })) {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
  }
  return ca;
}

/** Certificate and key among these files. */
function certificateIn(folder: string): [string, string] {
  return [join(folder, 'tls.crt'), join(folder, 'tls.key')];
}

/** What starts `countersign serve` over these files: from source, or another file of the program. */
export function serveArguments(folder: string, port: number, program = 'src/cli/main.ts'): string[] {
  const [cert, key] = certificateIn(folder);
  const files = ['--policy', join(folder, 'policy.yaml'), '--config', join(folder, 'config.yaml')];
  const tls = ['--tls-cert', cert, '--tls-key', key];
  const listen = ['--listen', `127.0.0.1:${port}`, '--probe-listen', '127.0.0.1:0'];
  return [program, 'serve', ...files, ...tls, ...listen, '--log-level', 'info', '--drain', '0s'];
}

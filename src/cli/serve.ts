// SPDX-License-Identifier: Apache-2.0
import { dockerConfigFolder } from './engine.ts';
import { startServing } from './start-serving.ts';
import type { Terminal } from './terminal.ts';

type ServeOptions = {
  readonly policy: readonly string[];
  readonly config?: string;
  readonly listen: string;
  readonly probeListen: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
};

/** `countersign serve`: runs until SIGTERM or SIGINT, then lets requests under way finish. */
export async function serveCommand(options: ServeOptions, terminal: Terminal): Promise<number> {
  const server = await startServing({ ...options, dockerConfig: dockerConfigFolder(terminal.env) });
  await new Promise<void>((resolve) => terminal.onEnd(resolve));
  await server.close();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
import { dockerConfigFolder, proxiesOf } from './engine.ts';
import { durationOf } from './option-values.ts';
import { startServing } from './start-serving.ts';
import type { Terminal } from './terminal.ts';
import { tuneHeap } from './tune-heap.ts';

type ServeOptions = {
  readonly policy: readonly string[];
  readonly config?: string;
  readonly listen: string;
  readonly probeListen: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly drain: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
};

/** `countersign serve`: runs until SIGTERM or SIGINT, drains for the time it was told, and lets answers under way finish. */
export async function serveCommand(options: ServeOptions, terminal: Terminal): Promise<number> {
  const { drain, ...others } = options;
  tuneHeap();
  const drainMs = durationOf('--drain', drain, 0);
  const server = await startServing({
    ...others,
    drainMs,
    dockerConfig: dockerConfigFolder(terminal.env),
    proxies: proxiesOf(terminal.env),
  });
  await new Promise<void>((resolve) => terminal.onEnd(resolve));
  await server.close();
  return 0;
}

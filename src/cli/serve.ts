// SPDX-License-Identifier: Apache-2.0
import { dockerConfigFolder, proxiesOf } from './engine.ts';
import { durationOf } from './option-values.ts';
import { type CertificateOptions, chooseCertificate } from './server-certificate.ts';
import { startServing } from './start-serving.ts';
import type { Terminal } from './terminal.ts';
import { tuneHeap, tuneThreads } from './tune-heap.ts';

type ServeOptions = CertificateOptions & {
  readonly policy: readonly string[];
  readonly config?: string;
  readonly listen: string;
  readonly probeListen: string;
  readonly clientCa?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly pullSecrets?: boolean;
  readonly drain: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
};

/** `countersign serve`: runs until SIGTERM or SIGINT, drains for the time it was told, and lets answers under way finish. */
export async function serveCommand(options: ServeOptions, terminal: Terminal): Promise<number> {
  const { drain, ...others } = options;
  const tls = chooseCertificate(options);
  tuneHeap();
  tuneThreads(terminal.env);
  const drainMs = durationOf('--drain', drain, 0);
  const { env } = terminal;
  const server = await startServing({
    ...others,
    tls,
    drainMs,
    env,
    dockerConfig: dockerConfigFolder(env),
    proxies: proxiesOf(env),
  });
  await new Promise<void>((resolve) => terminal.onEnd(resolve));
  await server.close();
  return 0;
}

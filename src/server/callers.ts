// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type SecureContextOptions, TLSSocket } from 'node:tls';
import { parseCertificates } from '../config/certificates.ts';
import type { Files } from '../config/files.ts';
import { asCountersignError, CountersignError } from '../errors.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createNotice } from './notice.ts';
import type { ServerCertificate } from './tls-certificate.ts';
import { type Watched, type WatchTiming, watchFiles } from './watch-files.ts';

type Surroundings = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly timing?: WatchTiming | undefined;
  /** Called when there are other authorities than before. */
  readonly use: () => void;
};

/**
 * Loads the authorities of callers from a PEM file, and again when it changes. A broken new file leaves the old ones in use.
 *
 * @throws CountersignError LISTEN_FAILED, FILE_UNREADABLE
 */
export function watchClientCa(file: string, { log, metrics, timing, use }: Surroundings): Watched<string> {
  const reloads = {
    loaded(): void {
      use();
      log.info({ file }, 'client authorities loaded');
    },
    failed({ code, message }: CountersignError): void {
      metrics.certificateFailed();
      log.error(
        { code, problem: message },
        'the new client authorities are broken, the old ones stay in use',
      );
    },
  };
  return watchFiles((files) => loadClientCa(file, files), reloads, timing);
}

function loadClientCa(file: string, files: Files): string {
  const text = files.read(file);
  try {
    return parseCertificates(text);
  } catch (cause) {
    throw new CountersignError('LISTEN_FAILED', `${file}: ${asCountersignError(cause).message}`, { cause });
  }
}

/** What TLS needs to speak as the server, and to know callers by these authorities. */
export function secureContextOf(
  certificate: ServerCertificate | undefined,
  clientCa: string | undefined,
): SecureContextOptions {
  const context = certificate?.secureContext ?? { minVersion: 'TLSv1.2' };
  if (clientCa === undefined) return context;
  // A resumed session proves what was proven when it began, however long ago the certificate has ended. API servers
  // keep their connections: that each handshake is a whole one costs nothing.
  return { ...context, ca: clientCa, secureOptions: constants.SSL_OP_NO_TICKET };
}

/**
 * Whether the caller showed a certificate of the authorities that callers are known by. Holds for as long as the
 * connection does.
 */
export function isProven({ socket }: IncomingMessage): boolean {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
  return socket.getPeerX509Certificate() !== undefined;
}

/**
 * Says of callers who are not proven that there are some: an API server that was never told to show its certificate has
 * all its reviews judged, and nothing else would tell why no pull secret is read for them.
 */
export function createUnprovenNotice(log: Log): () => void {
  const problem =
    'their reviews are judged without pull secrets of workloads, and leave nothing in memory; if the API server is ' +
    'among them, its --admission-control-config-file names no client certificate, or one of another authority';
  return createNotice<void>((count) =>
    log.warn({ count, problem }, 'callers show no certificate of --client-ca'),
  );
}

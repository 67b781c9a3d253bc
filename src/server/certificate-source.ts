// SPDX-License-Identifier: Apache-2.0
import type { CountersignError } from '../errors.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type CertificateFiles, loadCertificate, type ServerCertificate } from './tls-certificate.ts';
import { type Watched, type WatchTiming, watchFiles } from './watch-files.ts';

/** Where the certificate in use comes from. */
export type CertificateSource = {
  /** `undefined` until there is one: who makes its own certificate has to ask the API server first. */
  current(): ServerCertificate | undefined;
  close(): void;
};

/** What a source works with. */
export type CertificateSurroundings = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly timing?: WatchTiming | undefined;
  /** Called when there is another certificate than before. */
  readonly use: (certificate: ServerCertificate) => void;
};

/**
 * Loads the certificate of these files, and again when they change. A broken new one, or one whose key has not
 * come yet, leaves the old one in use and says so in log and metric.
 *
 * @throws CountersignError LISTEN_FAILED, FILE_UNREADABLE: at the start there is no old one
 */
export function watchCertificate(
  files: CertificateFiles,
  { log, metrics, timing, use }: CertificateSurroundings,
): Watched<ServerCertificate> {
  function failed({ code, message }: CountersignError): void {
    metrics.certificateFailed();
    log.error({ code, problem: message }, 'the new certificate is broken, the old one stays in use');
  }

  const reloads = {
    loaded(certificate: ServerCertificate): void {
      use(certificate);
      sayLoaded(certificate, { log, metrics });
    },
    failed,
  };
  const watched = watchFiles((from) => loadCertificate(files, from), reloads, timing);
  sayLoaded(watched.current(), { log, metrics });
  return watched;
}

/** Says in log and metric which certificate is in use from now on. */
export function sayLoaded(
  { expiresAt, fingerprint }: ServerCertificate,
  { log, metrics }: Pick<CertificateSurroundings, 'log' | 'metrics'>,
): void {
  metrics.certificateLoaded(expiresAt);
  log.info({ fingerprint, notAfter: new Date(expiresAt).toISOString() }, 'certificate loaded');
}

// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { durationOf } from './option-values.ts';

/** The options of `serve` that say which certificate it serves. */
export type CertificateOptions = {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsSecret?: string;
  readonly tlsService?: string;
  readonly tlsWebhooks?: string;
  readonly tlsLifetime: string;
};

/** A certificate in files, or in a Secret where the server makes it itself. */
export type CertificateChoice =
  | { readonly certFile: string; readonly keyFile: string }
  | {
      readonly secret: string;
      readonly service: string;
      readonly webhooks: string;
      readonly lifetimeMs: number;
    };

/** Shorter, and it would be renewed all the time; longer, and its authority would outlive what a date can say. */
const LEAST_MS = 10_000;
const MOST_MS = 365 * 86_400_000;

/**
 * Which of the two ways was asked for: exactly one, and whole.
 *
 * @throws CountersignError USAGE
 */
export function chooseCertificate(options: CertificateOptions): CertificateChoice {
  const { tlsCert: certFile, tlsKey: keyFile, tlsSecret: secret } = options;
  const { tlsService: service, tlsWebhooks: webhooks } = options;
  const files = certFile !== undefined || keyFile !== undefined;
  const own = secret !== undefined || service !== undefined || webhooks !== undefined;
  if (files && own) throw usage('there are two certificates: give --tls-cert and --tls-key, or --tls-secret');
  if (!files && !own) throw usage('there is no certificate: give --tls-cert and --tls-key, or --tls-secret');
  if (files) {
    if (certFile === undefined || keyFile === undefined) throw usage('give both --tls-cert and --tls-key');
    return { certFile, keyFile };
  }
  if (secret === undefined || service === undefined || webhooks === undefined) {
    throw usage('give all of --tls-secret, --tls-service and --tls-webhooks');
  }
  return { secret, service: dnsLabel('--tls-service', service), webhooks, lifetimeMs: lifetimeOf(options) };
}

/**
 * A name that can stand in a DNS name, as those of Services and namespaces do.
 *
 * @throws CountersignError USAGE
 */
export function dnsLabel(option: string, name: string): string {
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw usage(`${option}: found ${quote(name)}, wanted the name of an object in the cluster`);
}

function lifetimeOf({ tlsLifetime }: CertificateOptions): number {
  const lifetimeMs = durationOf('--tls-lifetime', tlsLifetime, 1, Number.MAX_SAFE_INTEGER);
  if (lifetimeMs >= LEAST_MS && lifetimeMs <= MOST_MS) return lifetimeMs;
  throw usage(`--tls-lifetime: found ${quote(tlsLifetime)}, wanted 10s to 8760h`);
}

function usage(message: string): CountersignError {
  return new CountersignError('USAGE', message);
}

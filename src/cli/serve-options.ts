// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from 'commander';

/** Adds the options that only `serve` has. */
export function addServeOptions(serve: Command): Command {
  return serve
    .option('--listen <host:port>', 'where the API server reaches us', '0.0.0.0:8443')
    .option('--probe-listen <host:port>', 'plain HTTP: /healthz, /readyz, /metrics', '0.0.0.0:8080')
    .option('--tls-cert <file>', 'certificate chain, PEM; with --tls-key')
    .option('--tls-key <file>', 'private key, PEM')
    .option(
      '--tls-secret <name>',
      'instead: Secret in which the server keeps a certificate that it makes itself',
    )
    .option('--tls-service <name>', 'Service that the certificate of --tls-secret is for')
    .option(
      '--tls-webhooks <name>',
      'webhook configurations that shall trust the certificate of --tls-secret',
    )
    .option(
      '--tls-lifetime <duration>',
      'of the certificate of --tls-secret, renewed after two thirds',
      '2160h',
    )
    .option('--client-ca <file>', 'authorities, PEM, by whose certificates the API server is known')
    .option('--kubeconfig <file>', "how to reach the API server; in a Pod: its ServiceAccount's access")
    .option(
      '--pull-secrets',
      'use the pull secrets of Pods and of their ServiceAccounts, read through the API server',
    )
    .option(
      '--namespace <name>',
      "our own namespace (default: the ServiceAccount's, else the context's, else countersign)",
    )
    .option(
      '--drain <duration>',
      'time to still take connections after SIGTERM, already not ready, such as 10s',
      '5s',
    )
    .addOption(new Option('--log-level <level>').choices(['debug', 'info', 'warn', 'error']).default('info'));
}

// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import {
  createKubernetesClient,
  createPullSecrets,
  type KubernetesClient,
  loadInClusterAccess,
  loadKubeconfig,
  type PullSecrets,
  watchNamespaceLabels,
} from '../kubernetes/index.ts';
import type { createMetrics, openLog } from '../server/index.ts';
import { dnsLabel } from './server-certificate.ts';

/** What says how to reach the API server. */
export type ClusterOptions = {
  readonly kubeconfig?: string | undefined;
  readonly namespace?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** The cluster that the server works for. */
export type Cluster = {
  readonly client: KubernetesClient;
  /** Our own namespace. */
  readonly namespace: string;
};

const NAMESPACE = 'countersign';

/**
 * Access to the API server by the kubeconfig file, else by the ServiceAccount of this Pod; `undefined` where there
 * is neither. Nothing is asked yet.
 *
 * @throws CountersignError KUBECONFIG_INVALID, KUBECONFIG_UNSUPPORTED, FILE_UNREADABLE, USAGE
 */
export function openCluster({ kubeconfig, namespace, env }: ClusterOptions): Cluster | undefined {
  const access = kubeconfig === undefined ? loadInClusterAccess(env) : loadKubeconfig(kubeconfig);
  if (access === undefined) return undefined;
  const name = namespace ?? access.namespace ?? NAMESPACE;
  return { client: createKubernetesClient(access), namespace: dnsLabel('--namespace', name) };
}

/**
 * The pull secrets of the Config and, where `ofWorkloads` says so, of Pods; `undefined` where neither is wanted.
 *
 * @throws CountersignError USAGE where some are wanted and there is no API server
 */
export function pullSecretsOf(
  cluster: Cluster | undefined,
  { pullSecrets }: Config,
  ofWorkloads: boolean,
): PullSecrets | undefined {
  if (!ofWorkloads && pullSecrets.length === 0) return undefined;
  if (cluster === undefined) throw needsCluster(ofWorkloads ? '--pull-secrets' : 'pullSecrets in the Config');
  const ofInstallation = pullSecrets.map(({ name, namespace }) => ({
    name,
    namespace: namespace ?? cluster.namespace,
  }));
  return createPullSecrets(cluster.client, { ofWorkloads, ofInstallation });
}

/** The error for something that cannot be done without an API server. */
export function needsCluster(what: string): CountersignError {
  const how = '--kubeconfig FILE, or a Pod with the token of its ServiceAccount mounted';
  return new CountersignError('USAGE', `${what} needs the API server: ${how}`);
}

/** What the pipeline is told of Namespaces, by a watch that ends with the client. */
export function followNamespaces(
  { client }: Cluster,
  log: ReturnType<typeof openLog>,
  metrics: ReturnType<typeof createMetrics>,
): (namespace: string) => Readonly<Record<string, string>> | undefined {
  return watchNamespaceLabels(client, ({ code, message }) => {
    metrics.kubernetesFailed(code);
    log.warn({ code, problem: message }, 'the namespaces cannot be watched');
  }).of;
}

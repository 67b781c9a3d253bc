// SPDX-License-Identifier: Apache-2.0
import {
  createKubernetesClient,
  type KubernetesClient,
  loadInClusterAccess,
  loadKubeconfig,
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

// SPDX-License-Identifier: Apache-2.0
export type { KubernetesAccess } from './access.ts';
export { apiPath, onlyNamed } from './api-path.ts';
export { type BackoffTiming, createBackoff } from './backoff.ts';
export { createKubernetesClient, type KubernetesClient } from './client.ts';
export { loadInClusterAccess } from './in-cluster.ts';
export { loadKubeconfig } from './kubeconfig.ts';
export { watchNamespaceLabels } from './namespace-labels.ts';
export { type KubernetesObject, textsOf } from './object.ts';
export { createPullSecrets, type PulledWith, type PullSecrets } from './pull-secrets.ts';

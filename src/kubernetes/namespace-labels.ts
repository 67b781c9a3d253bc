// SPDX-License-Identifier: Apache-2.0
import type { CountersignError } from '../errors.ts';
import { apiPath } from './api-path.ts';
import type { KubernetesClient } from './client.ts';
import { type KubernetesObject, textsOf } from './object.ts';

/** The labels of the Namespaces of a cluster, as a watch sees them. */
export type NamespaceLabels = {
  /**
   * The labels of a Namespace; `undefined` where they are not known: before the first list has come in, and for a
   * Namespace that the watch has not seen (yet). They stay while the API server cannot be asked.
   */
  of(namespace: string): Readonly<Record<string, string>> | undefined;
  close(): void;
};

/**
 * Follows all Namespaces; needs `list` and `watch` on namespaces. `failed` hears what goes wrong and is tried again.
 */
export function watchNamespaceLabels(
  client: KubernetesClient,
  failed: (error: CountersignError) => void,
): NamespaceLabels {
  const ending = new AbortController();
  let known = new Map<string, Readonly<Record<string, string>>>();
  const handler = {
    listed(items: readonly KubernetesObject[]): void {
      known = new Map(items.map((item) => [item.metadata.name, labelsOf(item)]));
    },
    changed(object: KubernetesObject): void {
      known.set(object.metadata.name, labelsOf(object));
    },
    removed(object: KubernetesObject): void {
      known.delete(object.metadata.name);
    },
    failed,
  };
  // Never rejects, see KubernetesClient.
  client.watch(apiPath('api', 'v1', 'namespaces'), handler, ending.signal);
  return { of: (namespace) => known.get(namespace), close: () => ending.abort() };
}

function labelsOf({ metadata }: KubernetesObject): Readonly<Record<string, string>> {
  return Object.freeze(Object.fromEntries(textsOf(metadata.labels)));
}

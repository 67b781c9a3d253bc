// SPDX-License-Identifier: Apache-2.0
import type { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { apiPath } from './api-path.ts';
import type { KubernetesClient } from './client.ts';
import { type KubernetesObject, textsOf } from './object.ts';

/** The labels of the Namespaces of a cluster, as a watch sees them. */
export type NamespaceLabels = {
  /**
   * The labels of a Namespace; `undefined` where they are not known: before the first list has come in, and for a
   * Namespace that the watch has not seen (yet), or that has more of them than {@link LIMITS}.namespaceLabels. They stay while
   * the API server cannot be asked.
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
  let known = new Map<string, Labels | undefined>();
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
  client.watch(apiPath('api', 'v1', 'namespaces'), handler, ending.signal, { keep: labelsOnly });
  return { of: (namespace) => known.get(namespace), close: () => ending.abort() };
}

type Labels = Readonly<Record<string, string>>;

function labelsOf({ metadata }: KubernetesObject): Labels | undefined {
  const labels = textsOf(metadata.labels);
  return labels.size > LIMITS.namespaceLabels ? undefined : Object.freeze(Object.fromEntries(labels));
}

/** One label more than are taken says as much as all of them. */
function labelsOnly({ metadata: { name, labels } }: KubernetesObject): KubernetesObject {
  const few = Object.entries(labels ?? {}).slice(0, LIMITS.namespaceLabels + 1);
  return { metadata: { name, labels: Object.fromEntries(few) } };
}

// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';

/** What the client itself relies on of an object's metadata; the rest is as it came. */
type ObjectMeta = JsonObject & {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: JsonObject;
};

/** An object as the API server gave it: its metadata checked, everything else not looked at yet. */
export type KubernetesObject = JsonObject & { readonly metadata: ObjectMeta };

/**
 * Checks that a value is a Kubernetes object.
 *
 * @throws CountersignError KUBERNETES_ERROR
 */
export function asObject(value: unknown, what: string): KubernetesObject {
  if (isJsonObject(value) && isMeta(value['metadata'])) return value as KubernetesObject;
  throw new CountersignError('KUBERNETES_ERROR', `${what}: the answer is no object with a name`);
}

function isMeta(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  const { name, namespace, uid, resourceVersion, labels } = value;
  return (
    typeof name === 'string' &&
    [namespace, uid, resourceVersion].every((one) => one === undefined || typeof one === 'string') &&
    (labels === undefined || labels === null || isJsonObject(labels))
  );
}

/**
 * The texts of a map of texts: labels, annotations, the data of a Secret. What is no text is left out; absent is empty.
 */
export function textsOf(value: unknown): ReadonlyMap<string, string> {
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

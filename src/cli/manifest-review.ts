// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Manifest } from './parse-manifests.ts';

type ReviewBody = { readonly request: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;

/**
 * The AdmissionReview that creating the object would send; an AdmissionReview stands for itself. The resource
 * is the kind's plural, which is right for every kind that holds images.
 */
export function reviewOf({ object }: Pick<Manifest, 'object'>, namespace: string): ReviewBody {
  if (object['kind'] === 'AdmissionReview') return structuredClone(object) as ReviewBody;
  const [first = '', second] = String(object['apiVersion']).split('/');
  const kind = { group: second === undefined ? '' : first, version: second ?? first, kind: object['kind'] };
  const resource = {
    group: kind.group,
    version: kind.version,
    resource: `${String(kind.kind).toLowerCase()}s`,
  };
  const metadata = fieldsOf(object['metadata']);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind,
      resource,
      namespace: typeof metadata['namespace'] === 'string' ? metadata['namespace'] : namespace,
      name: typeof metadata['name'] === 'string' ? metadata['name'] : '',
      operation: 'CREATE',
      userInfo: { username: '', groups: [] },
      object: structuredClone(object),
      oldObject: null,
      dryRun: true,
    },
  };
}

/** The labels of the Namespaces among the manifests, by name. */
export function namespaceLabelsOf(
  manifests: readonly Manifest[],
): Map<string, Readonly<Record<string, string>>> {
  const namespaces = manifests.filter(
    ({ object }) => object['apiVersion'] === 'v1' && object['kind'] === 'Namespace',
  );
  return new Map(
    namespaces.map(({ object }) => {
      const metadata = fieldsOf(object['metadata']);
      const labels = Object.entries(fieldsOf(metadata['labels']));
      const text = labels.flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as const] : [],
      );
      return [String(metadata['name']), Object.fromEntries(text)];
    }),
  );
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

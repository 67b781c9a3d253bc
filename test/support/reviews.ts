// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';

type Options = { readonly namespace?: string; readonly uid?: string };

/** The review of a Pod that is created, with one container per image. */
export function podReview(
  images: readonly string[],
  { namespace = 'prod', uid = randomUUID() }: Options = {},
) {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const resource = { group: '', version: 'v1', resource: 'pods' };
  return review(uid, namespace, kind, resource, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) },
  });
}

/** The review of a Deployment that is created. */
export function deploymentReview(image: string, { namespace = 'prod', uid = randomUUID() }: Options = {}) {
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const resource = { group: 'apps', version: 'v1', resource: 'deployments' };
  return review(uid, namespace, kind, resource, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
  });
}

function review(uid: string, namespace: string, kind: object, resource: object, object: object) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: 'web',
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'alice', groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
      options: null,
    },
  };
}

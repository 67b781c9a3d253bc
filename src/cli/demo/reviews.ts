// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';

/** A Kubernetes object as the demo writes it. */
export type DemoObject = {
  readonly apiVersion: string;
  readonly kind: 'Pod' | 'Deployment';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: unknown;
};

/** A Pod with one container. */
export function demoPod(name: string, image: string): DemoObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec: { containers: [{ name: 'web', image }] },
  };
}

/** A Deployment with one container. */
export function demoDeployment(name: string, image: string): DemoObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

/** The AdmissionReview that a kube-apiserver sends when the object is created. */
export function createReview(object: DemoObject) {
  const [group = '', version = ''] = object.apiVersion.includes('/')
    ? object.apiVersion.split('/')
    : ['', object.apiVersion];
  const kind = { group, version, kind: object.kind };
  const resource = { group, version, resource: `${object.kind.toLowerCase()}s` };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: object.metadata.name,
      namespace: object.metadata.namespace,
      operation: 'CREATE',
      userInfo: { username: 'alice', groups: ['system:authenticated'] },
      object,
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    },
  };
}

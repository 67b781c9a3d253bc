// SPDX-License-Identifier: Apache-2.0

/** Where the demo's objects are created. */
export const NAMESPACE = 'shop';

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
    metadata: { name, namespace: NAMESPACE },
    spec: { containers: [{ name: 'web', image }] },
  };
}

/** A Deployment with one container. */
export function demoDeployment(name: string, image: string): DemoObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}

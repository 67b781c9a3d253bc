// SPDX-License-Identifier: Apache-2.0
import type { Api, ApiObject } from './api.ts';

/** A `List` for `kubectl apply -f -`. */
export function list(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** A Pod of one container, and what else is given. */
export function pod(
  name: string,
  image: string,
  more: { readonly metadata?: object; readonly spec?: object } = {},
) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...more.metadata },
    spec: { containers: [{ name: 'main', image }], terminationGracePeriodSeconds: 0, ...more.spec },
  };
}

/** A Pod that says it is a ReplicaSet's. */
export function ownedPod(name: string, image: string, { metadata }: ApiObject) {
  const ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: metadata.name, uid: metadata.uid, controller: true },
  ];
  return pod(name, image, { metadata: { ownerReferences } });
}

/** A controller of `apps/v1` whose Pods have one container and the label `app`. */
export function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  name: string,
  image: string,
  replicas = 2,
) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image }], terminationGracePeriodSeconds: 0 },
      },
    },
  };
}

/** A Job whose Pods have one container and the label `app`. */
export function job(name: string, image: string) {
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: jobSpec(name, image) };
}

/** A CronJob that makes such Jobs. */
export function cronJob(name: string, image: string) {
  const spec = { schedule: '0 3 * * *', jobTemplate: { spec: jobSpec(name, image) } };
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec };
}

function jobSpec(app: string, image: string) {
  return {
    template: {
      metadata: { labels: { app } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] },
    },
  };
}

/** The Pods with label `app` that nobody is deleting. */
export async function podsOf({ ask }: Api, namespace: string, app: string): Promise<ApiObject[]> {
  const { body } = await ask('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
  return body.items.filter(({ metadata }: ApiObject) => !metadata.deletionTimestamp);
}

/** The images of all their containers, each once. */
export async function imagesOf(api: Api, namespace: string, app: string): Promise<string[]> {
  const pods = await podsOf(api, namespace, app);
  const images = pods.flatMap(({ spec }) => spec.containers.map(({ image }: ApiObject) => image));
  return [...new Set<string>(images)].sort();
}

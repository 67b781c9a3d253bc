// SPDX-License-Identifier: Apache-2.0

/** What a pod spec is part of: a Pod that will run, or the template of Pods to come. */
export type Subject = 'pod' | 'template';

/** A built-in kind that holds a pod spec; any version of its groups. */
export type PodKind = {
  readonly groups: readonly string[];
  readonly kind: string;
  readonly resource: string;
  readonly subject: Subject;
  /** The fields that lead to the pod spec. */
  readonly podSpec: readonly string[];
};

const POD = ['spec'];
const TEMPLATE = ['spec', 'template', 'spec'];
/** `extensions` left Kubernetes with 1.22, and the older clusters that still serve it must not be a way around. */
const APPS = ['apps', 'extensions'];

/** Every built-in kind that holds a pod spec. To add one, add a row. */
export const POD_KINDS: readonly PodKind[] = [
  { groups: [''], kind: 'Pod', resource: 'pods', subject: 'pod', podSpec: POD },
  {
    groups: [''],
    kind: 'PodTemplate',
    resource: 'podtemplates',
    subject: 'template',
    podSpec: ['template', 'spec'],
  },
  {
    groups: [''],
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    subject: 'template',
    podSpec: TEMPLATE,
  },
  { groups: APPS, kind: 'Deployment', resource: 'deployments', subject: 'template', podSpec: TEMPLATE },
  { groups: APPS, kind: 'ReplicaSet', resource: 'replicasets', subject: 'template', podSpec: TEMPLATE },
  { groups: APPS, kind: 'StatefulSet', resource: 'statefulsets', subject: 'template', podSpec: TEMPLATE },
  { groups: APPS, kind: 'DaemonSet', resource: 'daemonsets', subject: 'template', podSpec: TEMPLATE },
  { groups: ['batch', 'extensions'], kind: 'Job', resource: 'jobs', subject: 'template', podSpec: TEMPLATE },
  {
    groups: ['batch'],
    kind: 'CronJob',
    resource: 'cronjobs',
    subject: 'template',
    podSpec: ['spec', 'jobTemplate', ...TEMPLATE],
  },
];

/** The row of a kind, or `undefined` for a kind that holds no pod spec. */
export function findPodKind(group: string, kind: string): PodKind | undefined {
  return POD_KINDS.find((row) => row.kind === kind && row.groups.includes(group));
}

/** The row of a resource (`pods`, `deployments`), or `undefined`. */
export function findPodResource(group: string, resource: string): PodKind | undefined {
  return POD_KINDS.find((row) => row.resource === resource && row.groups.includes(group));
}

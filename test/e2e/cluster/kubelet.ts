// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiObject } from './api.ts';
import { type ControlPlane, NODE } from './control-plane.ts';
import { startKubeletServer } from './kubelet-server.ts';
import { createLocalPod, type LocalPod } from './local-pod.ts';
import { startServiceProxy } from './service-proxy.ts';
import { createServiceRoutes } from './services.ts';

/** What stands for scheduler, kubelet and kube-proxy. */
export type Kubelet = {
  /** The Pods of ours that are there now. */
  readonly pods: () => readonly LocalPod[];
  stop(): Promise<void>;
};

const TURN_MS = 200;

/**
 * Binds every Pod to the one node, where kwok makes it run. The Pods of ours, known by their label, are bound when the process that stands
 * for them is ready, so that a rollout of them waits for that; connections to Services are led to the ready ones.
 *
 * @param extraArgs what our processes are told beside what their Pods say
 */
export async function startKubelet(
  cluster: ControlPlane,
  extraArgs: readonly string[] = [],
): Promise<Kubelet> {
  const local = new Map<string, LocalPod>();
  const everyPod = () => [...local.values()];
  const state = { stopped: false };
  const logs = await startKubeletServer(everyPod);
  const services = createServiceRoutes(cluster.api, everyPod);
  const proxy = await startServiceProxy(cluster.egressSocket, async (host, port) =>
    host === NODE.ip && port === NODE.port ? logs.port : services(host, port),
  );
  const turns = (async () => {
    while (!state.stopped) {
      // The API server goes away and comes back in these tests: then the next turn does what this one could not.
      await turn(cluster, local, extraArgs).catch(() => {});
      await sleep(TURN_MS);
    }
  })();
  return {
    pods: () => everyPod().filter((pod) => !pod.isEnding()),
    async stop() {
      state.stopped = true;
      await turns;
      await Promise.all(everyPod().map((pod) => pod.end('SIGKILL')));
      await proxy.stop();
      await logs.stop();
    },
  };
}

async function turn(
  cluster: ControlPlane,
  local: Map<string, LocalPod>,
  extraArgs: readonly string[],
): Promise<void> {
  const { status, body } = await cluster.api.ask('GET', '/api/v1/pods');
  if (status !== 200) return;
  const pods: readonly ApiObject[] = body.items.filter(
    ({ metadata }: ApiObject) => !metadata.deletionTimestamp,
  );
  const there = new Map(pods.map((pod) => [pod.metadata.uid as string, pod]));
  for (const [uid, pod] of there) {
    if (isOurs(pod) && !local.has(uid)) local.set(uid, createLocalPod(cluster, pod, extraArgs));
    if (pod.spec.nodeName === undefined && local.get(uid)?.isReady() !== false) await bind(cluster, pod);
  }
  for (const [uid, pod] of local) {
    if (there.has(uid)) await pod.look();
    else if (!pod.isEnding()) void pod.end().then(() => local.delete(uid));
  }
}

function isOurs({ metadata, spec }: ApiObject): boolean {
  return metadata.labels?.['app.kubernetes.io/name'] === 'countersign' && spec.containers.length === 1;
}

async function bind({ api }: ControlPlane, { metadata: { namespace, name, uid } }: ApiObject): Promise<void> {
  await api.ask('POST', `/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { apiVersion: 'v1', kind: 'Node', name: NODE.name },
  });
}

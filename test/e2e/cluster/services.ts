// SPDX-License-Identifier: Apache-2.0
import type { Api, ApiObject } from './api.ts';
import type { LocalPod } from './local-pod.ts';

/** The port of 127.0.0.1 that stands for a ClusterIP and port: of the ready Pods that the Service selects, in turn. */
export function createServiceRoutes({ ask }: Api, pods: () => readonly LocalPod[]) {
  let services: readonly ApiObject[] = [];
  let turn = 0;
  const find = (host: string) => services.find(({ spec }) => spec.clusterIP === host);
  return async (host: string, port: number): Promise<number | undefined> => {
    if (find(host) === undefined) services = (await ask('GET', '/api/v1/services')).body.items;
    const service = find(host);
    const served = service?.spec.ports.find((one: ApiObject) => one.port === port);
    if (service === undefined || served === undefined) return undefined;
    const backends = pods().filter((pod) => pod.isReady() && selects(service, pod));
    turn += 1;
    return backends[turn % backends.length]?.port(served.targetPort);
  };
}

function selects({ metadata, spec }: ApiObject, { namespace, labels }: LocalPod): boolean {
  if (metadata.namespace !== namespace) return false;
  return Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value);
}

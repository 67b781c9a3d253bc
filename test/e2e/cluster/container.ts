// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contents, mountVolume } from '../../support/mounted-volume.ts';
import { freePort } from '../../support/programs.ts';
import type { Api, ApiObject } from './api.ts';
import { type ControlPlane, kubeconfigText } from './control-plane.ts';

/** A container of a Pod of the cluster, made ready to run as a process on this machine. */
export type Container = {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The port of 127.0.0.1 that a port of the container, by name or number, became. */
  port(port: string | number): number;
  /** Brings what changed in ConfigMaps and Secrets into the mounted folders, all at once as the kubelet does. */
  refresh(): Promise<void>;
};

/**
 * Does for a Pod's first container what the kubelet does: mounts, environment, ports. What has another place here than in
 * a container is replaced in its arguments: mount paths, and the ports that it listens on; the paths in mounted files
 * too, because the Config names others. Where its ServiceAccount's token would be mounted, `--kubeconfig` leads to the
 * API server with a token of that account.
 *
 * @throws Error where something that the Pod needs is not there
 */
export async function prepareContainer(cluster: ControlPlane, pod: ApiObject): Promise<Container> {
  const [spec] = pod.spec.containers;
  const folder = join(cluster.folder, 'pods', pod.metadata.uid);
  mkdirSync(folder, { recursive: true });
  const ports = new Map<string, number>();
  for (const { name, containerPort } of spec.ports ?? []) {
    const local = await freePort();
    ports.set(String(containerPort), local);
    if (name !== undefined) ports.set(name, local);
  }
  const places: readonly Place[] = (spec.volumeMounts ?? []).map(({ name, mountPath }: ApiObject) => {
    return { name, mountPath, folder: join(folder, name) };
  });
  const volumes = await Promise.all(places.map((place) => mountOf(cluster.api, pod, place, places)));
  const env = { PATH: process.env['PATH'], HOME: folder, HOSTNAME: pod.metadata.name, ...envOf(spec, pod) };
  const args = [...(spec.args ?? [])].map((arg: string) => relocate(expand(arg, env), volumes, ports));
  const access = await kubeconfigOf(cluster, pod, folder);
  return {
    args: [...args, ...access],
    env,
    port(port) {
      const local = ports.get(String(port));
      if (local === undefined) throw new Error(`the container has no port ${port}`);
      return local;
    },
    async refresh() {
      for (const volume of volumes) await volume.refresh();
    },
  };
}

/** Where a volume of this name is in the container, and here. */
type Place = { readonly name: string; readonly mountPath: string; readonly folder: string };
type Volume = Place & { refresh(): Promise<void> };

async function mountOf(
  api: Api,
  pod: ApiObject,
  place: Place,
  everyPlace: readonly Place[],
): Promise<Volume> {
  const volume = pod.spec.volumes.find(({ name }: ApiObject) => name === place.name);
  const { folder } = place;
  mkdirSync(folder, { recursive: true });
  if (volume?.configMap === undefined && volume?.secret === undefined) {
    return { ...place, refresh: async () => {} };
  }
  const read = async () => {
    const contents = Object.entries(await readVolume(api, pod.metadata.namespace, volume));
    return Object.fromEntries(contents.map(([name, text]) => [name, relocateText(text, everyPlace)]));
  };
  let before = await read();
  const mounted = mountVolume(folder, before);
  return {
    ...place,
    async refresh() {
      const now = await read();
      if (JSON.stringify(now) === JSON.stringify(before)) return;
      before = now;
      mounted.swap(now);
    },
  };
}

async function readVolume(api: Api, namespace: string, { configMap, secret }: ApiObject): Promise<Contents> {
  const [resource, name] = configMap ? ['configmaps', configMap.name] : ['secrets', secret.secretName];
  const { status, body } = await api.ask('GET', `/api/v1/namespaces/${namespace}/${resource}/${name}`);
  if (status === 404 && (configMap ?? secret).optional === true) return {};
  if (status !== 200) throw new Error(`${resource}/${name} in ${namespace}: ${status}`);
  const decode = (text: string) => (secret ? Buffer.from(text, 'base64').toString() : text);
  const entries = Object.entries<string>(body.data ?? {}).map(([key, text]) => [key, decode(text)] as const);
  const { items } = configMap ?? secret;
  if (items === undefined) return Object.fromEntries(entries);
  const data = new Map(entries);
  return Object.fromEntries(items.map(({ key, path }: ApiObject) => [path, data.get(key) ?? '']));
}

function envOf(spec: ApiObject, pod: ApiObject): Record<string, string> {
  const values = (spec.env ?? []).map(({ name, value, valueFrom }: ApiObject) => {
    const path = valueFrom?.fieldRef?.fieldPath as string | undefined;
    const field = path?.split('.').reduce((here: ApiObject, key) => here?.[key], pod);
    return [name, value ?? field ?? ''];
  });
  return Object.fromEntries(values);
}

/** `$(NAME)` in an argument is the environment's, as in a container. */
function expand(arg: string, env: NodeJS.ProcessEnv): string {
  return arg.replaceAll(/\$\((\w+)\)/g, (all, name: string) => env[name] ?? all);
}

function relocateText(text: string, places: readonly Place[]): string {
  return places.reduce((here, { mountPath, folder }) => here.replaceAll(`${mountPath}/`, `${folder}/`), text);
}

function relocate(arg: string, volumes: readonly Place[], ports: ReadonlyMap<string, number>): string {
  const listening = /^(--[a-z-]+=)?(?:0\.0\.0\.0|\[::\]|):(\d+)$/.exec(arg);
  const port = ports.get(listening?.[2] ?? '');
  if (port !== undefined) return `${listening?.[1] ?? ''}127.0.0.1:${port}`;
  const [, flag = '', path = ''] = /^(--[a-z-]+=)?(\/.*)$/.exec(arg) ?? [];
  const volume = volumes.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
  return volume ? `${flag}${volume.folder}${path.slice(volume.mountPath.length)}` : arg;
}

async function kubeconfigOf({ api, port, ca }: ControlPlane, pod: ApiObject, folder: string) {
  const { namespace } = pod.metadata;
  const { serviceAccountName = 'default', automountServiceAccountToken } = pod.spec;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccountName}`;
  const account = await api.ask('GET', path);
  if (account.status !== 200) throw new Error(`serviceaccount/${serviceAccountName}: ${account.status}`);
  if (!(automountServiceAccountToken ?? account.body.automountServiceAccountToken ?? true)) return [];
  const { status, body } = await api.ask('POST', `${path}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  if (status !== 201) throw new Error(`no token for ${serviceAccountName}: ${status}`);
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, kubeconfigText(port, ca, body.status.token, namespace), { mode: 0o600 });
  return ['--kubeconfig', file];
}

// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { ApiObject } from './api.ts';
import { type Container, prepareContainer } from './container.ts';
import type { ControlPlane } from './control-plane.ts';
import { type RunningProgram, startProgram } from './programs.ts';

/** A Pod of ours: a process on this machine, with the command line, environment and mounts of the Pod's spec. */
export type LocalPod = {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** All that it logged, over restarts. */
  readonly output: () => string;
  readonly isReady: () => boolean;
  /** Its Pod was deleted. */
  readonly isEnding: () => boolean;
  /** The port of 127.0.0.1 that a port of its container became. */
  port(port: string | number): number;
  /** What its probe listener answers. */
  probe(path: string): Promise<string>;
  /** What the kubelet does from time to time: starts it (again), brings changes of its volumes, asks its readiness probe. */
  look(): Promise<void>;
  /** As when its node dies: it ends at once, and is started again after `restartAfterMs`. */
  kill(restartAfterMs: number): Promise<void>;
  /** SIGTERM, unless said otherwise; resolves when it has ended. */
  end(signal?: 'SIGKILL'): Promise<void>;
};

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const RESTART_MS = 1000;

/** A process for a Pod of the cluster, not started yet: `look` starts it. */
export function createLocalPod(
  cluster: ControlPlane,
  pod: ApiObject,
  extraArgs: readonly string[],
): LocalPod {
  const { name, namespace, labels = {} } = pod.metadata;
  const { path, port: probePort } = pod.spec.containers[0].readinessProbe.httpGet;
  const logFile = join(cluster.folder, `${name}.log`);
  const state = { ready: false, ending: false, startAt: 0 };
  let container: Container | undefined;
  let program: RunningProgram | undefined;

  async function start(): Promise<void> {
    container ??= await prepareContainer(cluster, pod);
    if (state.ending) return;
    const command = [process.execPath, MAIN, ...container.args, ...extraArgs] as const;
    program = startProgram({ name, command, logFile, env: container.env });
  }

  async function probe(path: string): Promise<string> {
    const url = `http://127.0.0.1:${container?.port(probePort)}${path}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text;
  }

  return {
    name,
    namespace,
    labels,
    output: () => program?.output() ?? '',
    isReady: () => state.ready && program?.isRunning() === true,
    isEnding: () => state.ending,
    port: (port) => container?.port(port) ?? 0,
    probe,
    async look() {
      if (state.ending || performance.now() < state.startAt) return;
      if (program?.isRunning() !== true) {
        state.startAt = performance.now() + RESTART_MS;
        state.ready = false;
        // A ConfigMap that is not there yet keeps a container from starting: it is tried again.
        return start().catch(() => {});
      }
      await container?.refresh();
      state.ready = await probe(path).then(
        () => true,
        () => false,
      );
    },
    async kill(restartAfterMs) {
      state.startAt = performance.now() + restartAfterMs;
      await program?.stop('SIGKILL');
      state.ready = false;
    },
    async end(signal) {
      state.ending = true;
      state.ready = false;
      await program?.stop(signal);
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createTestKey,
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestImage,
  type TestKey,
  type TestRegistry,
} from '../../../src/testing/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { Api } from './api.ts';
import { type Outcome, runProgram } from './commands.ts';
import { type ControlPlane, startControlPlane, type User } from './control-plane.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { list, pod } from './objects.ts';

/** The chart, installed in a cluster, with a registry for it to ask. */
export type Installation = {
  readonly cluster: ControlPlane;
  readonly api: Api;
  readonly kubelet: Kubelet;
  readonly registry: TestRegistry;
  readonly images: Images;
  /** Signs what a test pushes itself. */
  readonly key: TestKey;
  /** The release key's policy as the chart's `policies` has it. */
  readonly policy: string;
  kubectl(
    args: readonly string[],
    options?: { readonly as?: User; readonly input?: string | object },
  ): Promise<Outcome>;
  /** `helm VERB countersign CHART` with the values of the installation, and these over them. */
  helm(verb: 'install' | 'upgrade', values?: Values, more?: readonly string[]): Promise<Outcome>;
  helmUninstall(): Promise<Outcome>;
  stop(): Promise<void>;
};

type Values = Readonly<Record<string, unknown>>;

/** All of `acme/`, which the policy wants signed by the release key. */
export type Images = Readonly<
  Record<'web' | 'webNext' | 'sidecar' | 'tool' | 'data' | 'unsigned' | 'unsignedToo' | 'own', TestImage>
>;

const CHART = join(import.meta.dirname, '../../../charts/countersign');

/** What is enforced, what warns; `dev` and everything else is only reported. */
export const ENFORCED = ['shop', 'legacy', 'countersign'] as const;

type Options = {
  /** Over those of the installation; a function where they name the registry. */
  readonly values?: Values | ((registry: TestRegistry) => Values);
  /** Demands the certificate of the API server: who shows none is unproven. */
  readonly clientCa?: boolean;
  /** Registries of the test, by their hosts, that may be asked over plain HTTP beside the one that is there. */
  readonly hosts?: readonly string[];
  /** What our processes are told beside what the chart says. */
  readonly extraArgs?: readonly string[];
  /** What is in the cluster before the chart is. */
  readonly before?: (api: Api, images: Images) => Promise<void>;
};

/** Starts a control plane, installs the chart, and waits until its Pods are ready. */
export async function startInstallation(options: Options = {}): Promise<Installation> {
  const cluster = await startControlPlane();
  const registry = await startTestRegistry();
  const kubelet = await startKubelet(cluster, options.extraArgs);
  const installation = install(cluster, registry, kubelet, options);
  try {
    await prepare(installation);
    await options.before?.(cluster.api, installation.images);
    succeeded(await installation.helm('install'));
    await installed(installation);
    return installation;
  } catch (error) {
    const found = await describeInstallation(installation);
    await installation.stop();
    throw new Error(`the installation did not start\n${found}`, { cause: error });
  }
}

function install(
  cluster: ControlPlane,
  registry: TestRegistry,
  kubelet: Kubelet,
  { values: given = {}, hosts = [], clientCa = false }: Options,
): Installation {
  const key = createTestKey('ecdsa-p256');
  const images = pushImages(registry, key);
  const policy = policyOver(registry.host);
  const own = {
    image: { repository: `${registry.host}/countersign`, digest: images.own.digest },
    policies: { 'acme.yaml': policy, 'release.pub': key.publicKeyPem },
    enforce: { namespaces: ENFORCED },
    warn: { namespaces: ['staging'] },
    // Each answer is the registry's of now, so that a test may move a tag.
    config: { registries: overPlainHttp([registry.host, ...hosts]), cache: { tagSeconds: 0 } },
    ...(clientCa && { clientCa: cluster.webhookClientCa }),
    ...(typeof given === 'function' ? given(registry) : given),
  };
  const env = {
    KUBECONFIG: cluster.kubeconfig('admin'),
    HELM_CACHE_HOME: join(cluster.folder, 'helm'),
    HELM_CONFIG_HOME: join(cluster.folder, 'helm'),
    HELM_DATA_HOME: join(cluster.folder, 'helm'),
  };
  return {
    cluster,
    api: cluster.api,
    kubelet,
    registry,
    images,
    key,
    policy,
    kubectl(args, { as = 'admin', input } = {}) {
      const text = typeof input === 'object' ? JSON.stringify(input) : input;
      return runProgram('kubectl', args, {
        env: { KUBECONFIG: cluster.kubeconfig(as) },
        ...(text !== undefined && { input: text }),
      });
    },
    helm(verb, values = {}, more = []) {
      const file = join(cluster.folder, 'values.json');
      writeFileSync(file, JSON.stringify({ ...own, ...values }));
      const args = [verb, 'countersign', CHART, '--namespace', 'countersign', '--values', file, ...more];
      return runProgram('helm', args, { env });
    },
    helmUninstall: () =>
      runProgram('helm', ['uninstall', 'countersign', '--namespace', 'countersign'], { env }),
    async stop() {
      await kubelet.stop();
      await registry.close();
      await cluster.stop();
    },
  };
}

function overPlainHttp(hosts: readonly string[]): object {
  return Object.fromEntries(hosts.map((host) => [host, { unsafePlainHttp: true }]));
}

function pushImages(registry: TestRegistry, key: TestKey): Images {
  const signed = (name: string, tag: string) => {
    const image = registry.pushImage(`acme/${name}`, { tag });
    signLegacy(registry, image, key);
    return image;
  };
  const webNext = registry.pushImage('acme/web', { tag: '2' });
  signBundle(registry, webNext, key);
  return {
    web: signed('web', '1'),
    webNext,
    sidecar: signed('sidecar', '1'),
    tool: signed('tool', '1'),
    data: signed('data', '1'),
    unsigned: registry.pushImage('acme/unsigned', { tag: '1' }),
    unsignedToo: registry.pushImage('acme/unsigned', { tag: '2' }),
    own: registry.pushImage('countersign', { tag: '1' }),
  };
}

const policyOver = (host: string) => `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: acme }
signers:
  release: { key: { file: release.pub } }
rules:
  - { name: acme, images: ["${host}/acme/**"], require: release }
`;

async function prepare({ api, kubectl }: Installation): Promise<void> {
  const namespaces = [...ENFORCED, 'staging', 'dev'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }));
  succeeded(await kubectl(['apply', '-f', '-'], { input: list([...namespaces, ...RIGHTS]) }));
  for (const name of [...ENFORCED, 'staging', 'dev']) await hasDefaultAccount(api, name);
}

/** A Pod is refused by the API server until its namespace has the ServiceAccount. */
async function hasDefaultAccount(api: Api, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await untilTrue(
    `${namespace} has a ServiceAccount`,
    async () => (await api.ask('GET', path)).status === 200,
  );
}

/** What a developer may do: all that ClusterRole edit gives, and `kubectl debug`. */
const RIGHTS = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'dev-team' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'Group', name: 'dev-team', apiGroup: 'rbac.authorization.k8s.io' }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'debug' },
    rules: [{ apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch', 'update'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'debug' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'debug' },
    subjects: [{ kind: 'Group', name: 'dev-team', apiGroup: 'rbac.authorization.k8s.io' }],
  },
];

/** Until its Pods are ready, and the API server asks them: it takes a webhook configuration up a moment after it is stored. */
async function installed({ kubectl, api }: Installation): Promise<void> {
  const status = ['rollout', 'status', 'deployment/countersign', '--timeout=60s'];
  succeeded(await kubectl(['-n', 'countersign', ...status]));
  await untilTrue('an unknown image is denied', async () => {
    const { status } = await api.ask(
      'POST',
      '/api/v1/namespaces/shop/pods?dryRun=All',
      pod('probe', 'example.com/x:1'),
    );
    return status === 403;
  });
}

/** What there is to see where it does not start. */
async function describeInstallation({ cluster, kubectl, kubelet }: Installation): Promise<string> {
  const { stdout } = await kubectl(['-n', 'countersign', 'get', 'pods,events', '--output=wide']);
  const pods = kubelet.pods().map(async ({ name, probe, output }) => {
    const ready = await probe('/readyz').catch((error: Error) => `${error}`);
    return `--- ${name}\n${ready}\n${output().slice(-3000)}`;
  });
  return [stdout, ...(await Promise.all(pods)), cluster.describe()].join('\n');
}

/** The command ended well; else an Error with what it printed. */
export function succeeded(outcome: Outcome): Outcome {
  if (outcome.exitCode !== 0)
    throw new Error(`exit code ${outcome.exitCode}: ${outcome.stderr}${outcome.stdout}`);
  return outcome;
}

/** Waits for what a cluster takes its time for: two minutes at most, and it is looked at every 50 ms. */
export function untilTrue(what: string, holds: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  return eventually(what, holds, withinMs, 50);
}

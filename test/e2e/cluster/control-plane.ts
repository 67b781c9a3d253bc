// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTestCertificate } from '../../../src/testing/index.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort, pathOf, skipWithout } from '../../support/programs.ts';
import { type Api, connectApi } from './api.ts';
import { type RunningProgram, startProgram } from './programs.ts';

/** For the `skip` option of a test file: what is not installed of what a control plane needs, and of what else is named. */
export function skipWithoutKubernetes(...more: readonly string[]): string | false {
  const programs = [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kwok',
    'kubectl',
    'helm',
    'setpriv',
    ...more,
  ];
  const also = more.length === 0 ? '' : ' and test/interop/install-tools.sh';
  return skipWithout(programs, `bash test/e2e/install-tools.sh${also}: what is printed goes on the PATH`);
}

/** Who the API server knows; each has a token of the same name, and all but admin only what a test grants them. */
const USERS = {
  admin: ['system:masters'],
  'system:kube-controller-manager': [],
  alice: ['dev-team'],
} as const;
export type User = keyof typeof USERS;

/** etcd, API server, controller manager and kwok on free loopback ports, with their data in a folder of their own. */
export type ControlPlane = {
  readonly folder: string;
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  readonly api: Api;
  /** PEM of the authority whose certificate the API server shows to webhooks. */
  readonly webhookClientCa: string;
  /** The API server reaches Services through the CONNECT proxy that listens on this Unix socket. */
  readonly egressSocket: string;
  kubeconfig(user: User): string;
  /** The API server is killed and comes back, on the same port and with the same data. */
  restartApiServer(): Promise<void>;
  /** What is in the API server's audit log: one event a line. */
  readonly auditLog: string;
  /** The end of what each program printed, and whether it is still there: for when something did not work. */
  readonly describe: () => string;
  stop(): Promise<void>;
};

/** The one node, as kwok registers it. */
export const NODE = { name: 'node1', ip: '10.0.1.1', port: 10_250 } as const;

type Ports = { readonly etcd: number; readonly peer: number; readonly api: number; readonly kcm: number };

/** Starts a control plane, and waits until it makes Pods. */
export async function startControlPlane(): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-e2e-'));
  const ports = {
    etcd: await freePort(),
    peer: await freePort(),
    api: await freePort(),
    kcm: await freePort(),
  };
  const { ca, webhookClientCa } = writeFiles(folder, ports.api);
  const api = connectApi({ port: ports.api, ca, token: 'admin-token' });
  const programs: RunningProgram[] = [];
  const start = (name: string, command: readonly [string, ...string[]]) => {
    const program = startProgram({ name, command, logFile: join(folder, `${name}.log`) });
    programs.push(program);
    return program;
  };
  const stop = async () => {
    // At once: an API server that is asked to end waits for its watches first.
    for (const program of programs.toReversed()) await program.stop('SIGKILL');
    api.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const describe = () =>
    programs
      .map(({ name, isRunning, output }) => {
        return `--- ${name}${isRunning() ? '' : ', which has ended'}\n${output().slice(-2000)}`;
      })
      .join('\n');
  const startApiServer = async () => {
    const server = start('kube-apiserver', apiServer(folder, ports));
    await ready(server, api);
    return server;
  };
  try {
    start('etcd', etcd(folder, ports));
    let server = await startApiServer();
    start('kube-controller-manager', controllerManager(folder, ports));
    start('kwok', kwok(folder));
    await addNode(api);
    await eventually('the default ServiceAccount is there', () => hasServiceAccount(api), 180_000);
    return {
      folder,
      port: ports.api,
      ca,
      api,
      webhookClientCa,
      egressSocket: join(folder, 'egress.sock'),
      auditLog: join(folder, 'audit.log'),
      kubeconfig: (user) => join(folder, `${user.replaceAll(':', '-')}.kubeconfig`),
      async restartApiServer() {
        await server.stop('SIGKILL');
        programs.splice(programs.indexOf(server), 1);
        server = await startApiServer();
        programs.splice(1, 0, ...programs.splice(programs.indexOf(server), 1));
      },
      describe,
      stop,
    };
  } catch (error) {
    const found = describe();
    await stop();
    throw new Error(`the control plane did not start\n${found}`, { cause: error });
  }
}

function etcd(folder: string, { etcd: client, peer }: Ports): [string, ...string[]] {
  const url = `http://127.0.0.1:${client}`;
  return [
    ...(['etcd', '--data-dir', join(folder, 'etcd'), '--listen-client-urls', url] as const),
    ...['--advertise-client-urls', url, '--listen-peer-urls', `http://127.0.0.1:${peer}`],
    ...['--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`],
    ...['--initial-cluster', `default=http://127.0.0.1:${peer}`, '--unsafe-no-fsync'],
    ...['--heartbeat-interval', '50', '--election-timeout', '500'],
  ];
}

function apiServer(folder: string, ports: Ports): [string, ...string[]] {
  return [
    'kube-apiserver',
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.api}`,
    `--tls-cert-file=${folder}/api.pem`,
    `--tls-private-key-file=${folder}/api.key`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${folder}/tokens.csv`,
    '--authorization-mode=Node,RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${folder}/sa.key`,
    `--service-account-key-file=${folder}/sa.pub`,
    '--endpoint-reconciler-type=none',
    '--enable-admission-plugins=NodeRestriction',
    // Debian's etcd reports no progress of watches: who asks for it is refused, and waits longer each time.
    '--feature-gates=WatchList=false',
    `--admission-control-config-file=${folder}/admission.yaml`,
    `--egress-selector-config-file=${folder}/egress.yaml`,
    `--audit-policy-file=${folder}/audit.yaml`,
    `--audit-log-path=${folder}/audit.log`,
  ];
}

function controllerManager(folder: string, { kcm }: Ports): [string, ...string[]] {
  const kubeconfig = `${folder}/system-kube-controller-manager.kubeconfig`;
  return [
    'kube-controller-manager',
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${folder}/sa.key`,
    `--root-ca-file=${folder}/ca.pem`,
    '--leader-elect=false',
    '--kube-api-qps=300',
    '--kube-api-burst=600',
    '--bind-address=127.0.0.1',
    `--secure-port=${kcm}`,
    `--cert-dir=${folder}`,
  ];
}

function kwok(folder: string): [string, ...string[]] {
  const stages = join(dirname(pathOf('kwok') ?? ''), 'stages.yaml');
  return [
    ...(['kwok', '--kubeconfig', `${folder}/admin.kubeconfig`, '--config', stages] as const),
    ...['--manage-all-nodes=false', '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake'],
    '--node-lease-duration-seconds=40',
    // What it serves is asked by nobody: the port of the node leads to a server of ours.
    ...['--node-ip', NODE.ip, '--node-port', String(NODE.port), '--server-address=127.0.0.1:0'],
  ];
}

function writeFiles(folder: string, port: number): { readonly ca: string; readonly webhookClientCa: string } {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  const { certificate, privateKey, ca } = createTestCertificate({ hosts: ['127.0.0.1', '10.0.0.1'] });
  const account = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const client = createTestCertificate({ hosts: ['kube-apiserver'] });
  mkdirSync(join(folder, 'etcd'));
  write('ca.pem', ca);
  write('api.pem', certificate);
  write('api.key', privateKey);
  write('sa.key', account.privateKey);
  write('sa.pub', account.publicKey);
  const users = Object.entries(USERS);
  write('tokens.csv', users.map(([name, groups], id) => tokenLine(name, id, groups)).join(''));
  for (const [name] of users) {
    write(`${name.replaceAll(':', '-')}.kubeconfig`, kubeconfigText(port, ca, tokenOf(name)));
  }
  write('audit.yaml', AUDIT);
  write('client.pem', client.certificate);
  write('client.key', client.privateKey);
  write('webhooks.kubeconfig', webhookClient(folder));
  write('admission.yaml', admissionOver(folder));
  write('egress.yaml', egressOver(join(folder, 'egress.sock')));
  return { ca, webhookClientCa: client.ca };
}

const tokenOf = (user: string) => `${user.replaceAll(':', '-')}-token`;

function tokenLine(user: string, id: number, groups: readonly string[]): string {
  return `${tokenOf(user)},${user},u${id},"${groups.join(',')}"\n`;
}

/** A kubeconfig for this API server, and the namespace that its context names. */
export function kubeconfigText(port: number, ca: string, token: string, namespace = 'default'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'e2e',
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
        },
      },
    ],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'user', namespace } }],
    'current-context': 'e2e',
  });
}

const AUDIT = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Metadata
    verbs: [create, update, patch]
    resources: [{ group: "", resources: [pods] }, { group: apps }, { group: batch }]
  - level: None
`;

/** What the API server shows to every webhook. */
const webhookClient = (folder: string) => `apiVersion: v1
kind: Config
users:
  - name: "*"
    user: { client-certificate: ${folder}/client.pem, client-key: ${folder}/client.key }
`;

const admissionOver = (folder: string) => `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
${['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook']
  .map(
    (name) => `  - name: ${name}
    configuration:
      apiVersion: apiserver.config.k8s.io/v1
      kind: WebhookAdmissionConfiguration
      kubeConfigFile: ${folder}/webhooks.kubeconfig
`,
  )
  .join('')}`;

const egressOver = (socket: string) => `apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
  - name: cluster
    connection:
      proxyProtocol: HTTPConnect
      transport: { uds: { udsName: ${socket} } }
`;

async function ready(server: RunningProgram, api: Api): Promise<void> {
  const isReady = async () => {
    if (!server.isRunning()) throw new Error('kube-apiserver ended');
    const answer = await api.ask('GET', '/readyz').catch(() => undefined);
    return answer?.status === 200;
  };
  await eventually('the API server is ready', isReady, 180_000);
}

async function addNode(api: Api): Promise<void> {
  const { status } = await api.ask('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE.name, annotations: { 'kwok.x-k8s.io/node': 'fake' } },
  });
  if (status !== 201) throw new Error(`no Node: ${status}`);
}

async function hasServiceAccount(api: Api): Promise<boolean> {
  const { status } = await api.ask('GET', '/api/v1/namespaces/default/serviceaccounts/default');
  return status === 200;
}

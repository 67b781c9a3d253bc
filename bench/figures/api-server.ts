// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { bundleCommand } from '../../scripts/bundle.ts';
import { IMAGE } from '../../scripts/root-file-system.ts';
import { createTestKey, signLegacy, startTestRegistry } from '../../src/testing/index.ts';
import {
  type ControlPlane,
  skipWithoutKubernetes,
  startControlPlane,
} from '../../test/e2e/cluster/control-plane.ts';
import { note, type Row } from '../figure.ts';
import { median } from '../rounds.ts';
import {
  BASELINE,
  podReview,
  type Server,
  serveArguments,
  startBaseline,
  startServer,
  stopServers,
  writeServeFiles,
} from '../serving.ts';

const ROUNDS = 20;
const PER_ROUND = 30;
const WARM_UP_ROUNDS = 5;
/** Until the compiler of V8 is done with both, as for the figure of a warm /validate. */
const WARM_UP_REQUESTS = 10_000;
const MOST = 1.5;
/** Namespaces, by the webhooks that look at their Pods: none, empty ones, empty ones of which one writes a digest, ours. */
const KINDS = ['none', 'empty', 'patching', 'ours'] as const;
type Kind = (typeof KINDS)[number];

/**
 * What both webhooks add to the time of a Pod's creation, warm, as a client of a real API server sees it, beside two webhooks
 * that do nothing.
 */
export async function addedByWebhooks(): Promise<Row[]> {
  usePrograms();
  const skipped = skipWithoutKubernetes();
  if (skipped !== false) return [note('time added to the creation of a Pod', skipped)];
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const registry = await startTestRegistry();
  const cluster = await startControlPlane();
  const servers: Server[] = [];
  try {
    const key = createTestKey('ecdsa-p256');
    const ca = writeServeFiles(folder, registry.host, key.publicKeyPem);
    const image = registry.pushImage('acme/web', { tag: '1.4' });
    signLegacy(registry, image, key);
    const program = join(folder, 'countersign.mjs');
    await bundleCommand(program);
    const ours = await startServer((port) => [...IMAGE.flags, ...serveArguments(folder, port, program)], ca);
    servers.push(ours);
    const empty = await startBaseline(folder, ca);
    servers.push(empty);
    const patching = await startBaseline(folder, ca, patchTo(image.pinned));
    servers.push(patching);
    for (const { load } of servers) {
      await load.run(WARM_UP_REQUESTS, [podReview(image.reference)], '/mutate');
      await load.run(WARM_UP_REQUESTS, [podReview(image.pinned)], '/validate');
    }
    await prepare(cluster, ca, { ours: ours.port, empty: empty.port, patching: patching.port });
    const byDigest = await measure(cluster, podOf(image.pinned));
    const byTag = await measure(cluster, podOf(image.reference));
    return rowsOf(byDigest, byTag);
  } finally {
    await stopServers(servers);
    await cluster.stop();
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where `test/e2e/install-tools.sh` puts them. */
function usePrograms(): void {
  const cache = process.env['COUNTERSIGN_CACHE'] ?? join(homedir(), '.cache/countersign');
  const installer = readFileSync(new URL('../../test/e2e/install-tools.sh', import.meta.url), 'utf8');
  const versions = [...installer.matchAll(/^(\w+)_version=(\S+)$/gm)];
  const folders = versions.map(([, name, version]) => join(cache, `${name}-${version}`));
  process.env['PATH'] = [...folders, process.env['PATH']].join(delimiter);
}

async function prepare(
  { api }: ControlPlane,
  ca: string,
  ports: Readonly<Record<Exclude<Kind, 'none'>, number>>,
): Promise<void> {
  for (const name of KINDS) {
    await must(
      api.ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
    );
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await api.ask('POST', `/api/v1/namespaces/${name}/serviceaccounts`, account);
  }
  for (const [name, port] of Object.entries(ports)) {
    for (const door of ['mutate', 'validate']) await must(configure(api, name, door, port, ca));
  }
  // The API server takes a moment to see them.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}

function configure(api: ControlPlane['api'], name: string, door: string, port: number, ca: string) {
  const kind = door === 'mutate' ? 'MutatingWebhookConfiguration' : 'ValidatingWebhookConfiguration';
  const webhook = {
    name: `${door}.${name}.example`,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: 10,
    clientConfig: { url: `https://127.0.0.1:${port}/${door}`, caBundle: Buffer.from(ca).toString('base64') },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
  };
  return api.ask('POST', `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: [webhook],
  });
}

/** The recorded Pod as a user would send it. */
function podOf(image: string): { readonly metadata: object; readonly [name: string]: unknown } {
  const { object } = JSON.parse(podReview(image)).request;
  const { labels, annotations } = object.metadata;
  const { spec } = object;
  const { serviceAccountName: _, serviceAccount: __, ...rest } = spec;
  const containers = spec.containers.map(({ volumeMounts: ___, ...one }: { volumeMounts: unknown }) => one);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels, annotations },
    spec: { ...rest, containers, volumes: [] },
  };
}

/** Milliseconds of each creation, the four in turn, so that a machine that slows down slows all of them. */
async function measure(
  { api }: ControlPlane,
  pod: ReturnType<typeof podOf>,
): Promise<Record<Kind, number[]>> {
  const times: Record<Kind, number[]> = { none: [], empty: [], patching: [], ours: [] };
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (let index = 0; index < PER_ROUND; index += 1) {
      for (const kind of KINDS) {
        const body = {
          ...pod,
          metadata: { ...pod.metadata, name: `web-${round + WARM_UP_ROUNDS}-${index}` },
        };
        // A dry run calls the webhooks, and leaves the noise of the disk out.
        const answer = await must(api.ask('POST', `/api/v1/namespaces/${kind}/pods?dryRun=All`, body));
        if (round >= 0) times[kind].push(answer.milliseconds);
        const { image } = answer.body.spec.containers[0];
        if (kind === 'ours' && !image.includes('@sha256:')) throw new Error(`not pinned: ${image}`);
      }
    }
  }
  return times;
}

type Times = Readonly<Record<Kind, readonly number[]>>;

function rowsOf(byDigest: Times, byTag: Times): Row[] {
  const what = 'time added to the creation of a Pod, warm';
  return [
    atMostRatio(`${what}, by digest: both our webhooks : two empty ones`, byDigest, 'empty'),
    note('… ms added by ours : by empty ones : without webhooks', inMs(byDigest, 'empty')),
    atMostRatio(
      `${what}, by tag: both our webhooks : two empty ones that write the digest`,
      byTag,
      'patching',
    ),
    note('… ms added by ours : by empty ones : without webhooks', inMs(byTag, 'patching')),
    note(
      '… by tag: both our webhooks : two empty ones that write nothing',
      ratioOf(byTag, 'empty').toFixed(2),
    ),
  ];
}

function atMostRatio(figure: string, times: Times, than: Kind): Row {
  const ratio = ratioOf(times, than);
  return { figure, measured: ratio.toFixed(2), wanted: `≤ ${MOST}`, ok: ratio <= MOST, baseline: BASELINE };
}

const added = (times: Times, kind: Kind) => median(times[kind]) - median(times.none);
const ratioOf = (times: Times, than: Kind) => added(times, 'ours') / added(times, than);

function inMs(times: Times, than: Kind): string {
  const values = [added(times, 'ours'), added(times, than), median(times.none)];
  return values.map((value) => value.toFixed(2)).join(' : ');
}

function patchTo(image: string): string {
  const patch = [{ op: 'replace', path: '/spec/containers/0/image', value: image }];
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}

async function must<T extends { readonly status: number; readonly body: unknown }>(
  asked: Promise<T>,
): Promise<T> {
  const answer = await asked;
  if (answer.status >= 300) throw new Error(`${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`);
  return answer;
}

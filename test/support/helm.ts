// SPDX-License-Identifier: Apache-2.0
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './pages.ts';

/** The folder of the chart. */
export const CHART = join(ROOT, 'charts/countersign');
/** The release that is rendered, and the image that it runs. */
export const RELEASE = { name: 'countersign', namespace: 'trust' };
export const REPOSITORY = 'registry.acme.example/countersign';
export const DIGEST = `sha256:${'a1'.repeat(32)}`;

/** A field of what was rendered: of any shape, and absent below what is absent. */
export type Field = { readonly value: unknown; at(...path: (string | number)[]): Field };
/** A Kubernetes object that was rendered. */
export type Manifest = Field & {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
};

/** What `helm template` prints for these values, with the repository of the image filled in. */
export function render(values: object = {}, release = RELEASE): Manifest[] {
  const { status, stdout, stderr } = template(values, release);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout, { uniqueKeys: true }).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const object: unknown = document.toJS();
    return object === null ? [] : [manifestOf(fieldOf(object))];
  });
}

/** What an installation with these values would tell who installs. */
export function notesOf(values: object): string {
  const args = [
    'install',
    RELEASE.name,
    CHART,
    '--namespace',
    RELEASE.namespace,
    '--dry-run=client',
    '--values',
    '-',
  ];
  const { status, stdout, stderr } = helm(
    args,
    JSON.stringify({ image: { repository: REPOSITORY }, ...values }),
  );
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\nNOTES:\n')[1] ?? '';
}

/** What helm says where it refuses these values, on one line. */
export function refusalOf(values: object): string {
  const { status, stderr } = template(values);
  if (status === 0) throw new Error('the values were taken');
  return stderr.replaceAll(/\s+/g, ' ');
}

/** The one object of a kind, and of a name where several are of that kind. */
export function find(objects: readonly Manifest[], kind: string, name?: string): Manifest {
  const [found, other] = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.name === name),
  );
  if (found === undefined || other !== undefined) throw new Error(`not one ${kind} ${name ?? ''}`);
  return found;
}

/** Runs helm, which is looked for on the PATH. */
export function helm(args: readonly string[], input = ''): SpawnSyncReturns<string> {
  const outcome = spawnSync('helm', args, { input, encoding: 'utf8', timeout: 200_000 });
  if (outcome.error !== undefined) throw outcome.error;
  return outcome;
}

function template(values: object, release = RELEASE): SpawnSyncReturns<string> {
  const args = ['template', release.name, CHART, '--namespace', release.namespace, '--values', '-'];
  return helm(args, JSON.stringify({ image: { repository: REPOSITORY }, ...values }));
}

function manifestOf(field: Field): Manifest {
  const namespace = field.at('metadata', 'namespace').value;
  return {
    ...field,
    kind: String(field.at('kind').value),
    name: String(field.at('metadata', 'name').value),
    namespace: namespace === undefined ? undefined : String(namespace),
  };
}

function fieldOf(value: unknown): Field {
  return {
    value,
    at: (...path) => fieldOf(path.reduce((here: unknown, name) => Object(here)[name], value)),
  };
}

/** The items of a list that was rendered; none where there is no list. */
export function itemsOf(field: Field): Field[] {
  return Array.isArray(field.value) ? field.value.map(fieldOf) : [];
}

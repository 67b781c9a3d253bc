// SPDX-License-Identifier: Apache-2.0
import { nameIn, type PodPullSecrets } from '../admission/index.ts';
import { LIMITS } from '../limits.ts';
import {
  type Credentials,
  combineCredentials,
  type DockerCredentials,
  NO_CREDENTIALS,
} from '../registry/index.ts';
import { apiPath } from './api-path.ts';
import type { KubernetesClient } from './client.ts';
import type { KubernetesObject } from './object.ts';
import { type PullSecret, parsePullSecret } from './parse-pull-secret.ts';
import { createReadMemory, type Read, type Reader, type ReadPlace } from './read-memory.ts';

/** A Secret of one namespace. */
type SecretName = { readonly namespace: string; readonly name: string };

/** The credentials that were found, and what could not be read, for people: never a secret. */
export type PulledWith = { readonly credentials: Credentials; readonly problem?: string };

/** The credentials that images are pulled with. */
export type PullSecrets = {
  /**
   * Those of a Pod, first, and those of the installation; `undefined`: the installation's only. At once where all is
   * remembered. Never throws: what could not be read is not in it, and said.
   */
  gather(pod: PodPullSecrets | undefined, reader: Reader): Soon<PulledWith>;
};

type Soon<T> = T | Promise<T>;

const NOTHING: PulledWith = { credentials: NO_CREDENTIALS };

/**
 * Reads pull secrets through the API, as a kubelet does: those that the Pod names, else those of its ServiceAccount;
 * of two types; one that does not exist is passed over. `ofWorkloads: false` reads only those of the installation.
 */
export function createPullSecrets(
  client: Pick<KubernetesClient, 'get'>,
  options: { readonly ofWorkloads: boolean; readonly ofInstallation: readonly SecretName[] },
): PullSecrets {
  const { ofWorkloads, ofInstallation } = options;
  const secrets = createReadMemory(
    async (path, signal) => {
      const secret = await client.get(path, signal, LIMITS.pullSecretBytes);
      return secret && parsePullSecret(secret);
    },
    ({ bytes }: PullSecret) => bytes,
  );
  const accounts = createReadMemory(
    async (path, signal) => accountOf(await client.get(path, signal, LIMITS.pullSecretBytes)),
    ({ names }: Account) => names.join().length,
  );

  return {
    gather(pod, reader) {
      const own = ofWorkloads && pod !== undefined ? ofPod(pod, reader) : NOTHING;
      const ours = ofInstallation.length === 0 ? NOTHING : read(ofInstallation, reader);
      return allOf([own, ours], inTurn);
    },
  };

  function ofPod(pod: PodPullSecrets, reader: Reader): Soon<PulledWith> {
    const { namespace, serviceAccount, secrets: names, leftOut } = pod;
    if (namespace === '') return NOTHING;
    if (names.length > 0) return named(namespace, { names, leftOut }, reader);
    const account = accounts(placeOf(namespace, 'serviceaccounts', serviceAccount), reader);
    return soon(account, ({ value, error }) => {
      if (error === undefined) return value === undefined ? NOTHING : named(namespace, value, reader);
      return withProblems(NO_CREDENTIALS, [
        `the ServiceAccount ${namespace}/${serviceAccount}: ${error.message}`,
      ]);
    });
  }

  function named(namespace: string, { names, leftOut }: Account, reader: Reader): Soon<PulledWith> {
    if (names.length === 0) return NOTHING;
    const found = read(
      names.map((name) => ({ namespace, name })),
      reader,
    );
    if (leftOut === 0) return found;
    const problem = `${leftOut} pull secrets beyond ${LIMITS.pullSecrets} are not read`;
    return allOf([found, withProblems(NO_CREDENTIALS, [problem])], inTurn);
  }

  function read(names: readonly SecretName[], reader: Reader): Soon<PulledWith> {
    const reads = names.map(({ namespace, name }) => secrets(placeOf(namespace, 'secrets', name), reader));
    return allOf(reads, (all) => together(names, all));
  }
}

function placeOf(namespace: string, resource: string, name: string): ReadPlace {
  return { namespace, path: apiPath('api', 'v1', 'namespaces', namespace, resource, name) };
}

type Account = { readonly names: readonly string[]; readonly leftOut: number };

function accountOf(account: KubernetesObject | undefined): Account {
  const references = account?.['imagePullSecrets'];
  const names = Array.isArray(references) ? references.map(nameIn).filter((name) => name !== '') : [];
  return {
    names: names.slice(0, LIMITS.pullSecrets),
    leftOut: Math.max(0, names.length - LIMITS.pullSecrets),
  };
}

/** What was read of these Secrets, in their order, as far as there is room for it: a review may hold it for seconds. */
function together(names: readonly SecretName[], reads: readonly Read<PullSecret>[]): PulledWith {
  const found: DockerCredentials[] = [];
  const unread: string[] = [];
  let bytes = 0;
  for (const [index, { value, error }] of reads.entries()) {
    bytes += value?.bytes ?? 0;
    const problem = error?.message ?? (value && problemOfSize(bytes));
    if (problem === undefined) found.push(...(value === undefined ? [] : [value.credentials]));
    else unread.push(`the pull secret ${names[index]?.namespace}/${names[index]?.name}: ${problem}`);
  }
  const credentials = found.length === 0 ? NO_CREDENTIALS : combineCredentials(found);
  return withProblems(credentials, [...unread, ...credentials.warnings]);
}

function problemOfSize(bytes: number): string | undefined {
  if (bytes <= LIMITS.pullSecretsBytes) return undefined;
  return `with those before it, it holds more than ${LIMITS.pullSecretsBytes} bytes`;
}

/** One after the other: whoever brings the first is tried first. */
function inTurn(parts: readonly PulledWith[]): PulledWith {
  const [one = NOTHING, ...others] = parts.filter((part) => part !== NOTHING);
  if (others.length === 0) return one;
  const all = [one, ...others];
  const credentials: Credentials = {
    find: (repository) => all.flatMap((part) => part.credentials.find(repository)),
    warnings: [],
  };
  return withProblems(
    credentials,
    all.flatMap(({ problem }) => problem ?? []),
  );
}

/** The first few say enough. */
function withProblems(credentials: Credentials, problems: readonly string[]): PulledWith {
  return problems.length === 0 ? { credentials } : { credentials, problem: problems.slice(0, 3).join('; ') };
}

function soon<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function allOf<T extends object, U>(values: readonly Soon<T>[], next: (values: readonly T[]) => U): Soon<U> {
  const there = values.filter((value): value is T => !(value instanceof Promise));
  return there.length === values.length ? next(there) : Promise.all(values).then(next);
}

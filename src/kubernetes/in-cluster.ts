// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { parseCertificates } from '../config/certificates.ts';
import { disk, type Files } from '../config/files.ts';
import { asCountersignError, CountersignError } from '../errors.ts';
import type { KubernetesAccess } from './access.ts';
import { mountedText } from './mounted-text.ts';
import { tokenOfFile } from './token.ts';

type Environment = { readonly [name: string]: string | undefined };

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The access of a Pod by its ServiceAccount: what the kubelet puts into the environment and mounts; token and authorities are read
 * again as they change. `undefined`
 * outside of a cluster, and where the Pod has no token mounted.
 *
 * @throws CountersignError KUBECONFIG_INVALID, FILE_UNREADABLE for a mount that is there and broken
 */
export function loadInClusterAccess(
  env: Environment,
  folder: string = FOLDER,
  files: Files = disk,
): KubernetesAccess | undefined {
  const host = env['KUBERNETES_SERVICE_HOST'];
  if (host === undefined || host === '' || !hasToken(folder, files)) return undefined;
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    server: serverOf(host, port),
    ca: mountedText(join(folder, 'ca.crt'), files, (text) => checkAuthorities(text, join(folder, 'ca.crt'))),
    token: tokenOfFile(join(folder, 'token'), files),
    namespace: files.read(join(folder, 'namespace')).trim(),
  };
}

/** Of a half-written file nothing would be trusted, and no connection be made until it is read again. */
function checkAuthorities(text: string, place: string): string {
  try {
    return parseCertificates(text);
  } catch (cause) {
    const { message } = asCountersignError(cause);
    throw new CountersignError('KUBECONFIG_INVALID', `${place}: ${message}`, { cause });
  }
}

function hasToken(folder: string, files: Files): boolean {
  try {
    return files.list(folder)?.includes('token') === true;
  } catch {
    // No such folder: a Pod with automountServiceAccountToken: false, or no Pod at all.
    return false;
  }
}

function serverOf(host: string, port: string): URL {
  const name = host.includes(':') ? `[${host}]` : host;
  const text = `https://${name}:${port}`;
  if (!URL.canParse(text)) {
    throw new CountersignError('KUBECONFIG_INVALID', 'KUBERNETES_SERVICE_HOST and _PORT are no address');
  }
  return new URL(text);
}

// SPDX-License-Identifier: Apache-2.0
import { type DockerCredentials, parseDockerCfg, parseDockerConfig } from '../registry/index.ts';
import { type KubernetesObject, textsOf } from './object.ts';

/** The credentials of a Secret, and how long its text was. */
export type PullSecret = { readonly credentials: DockerCredentials; readonly bytes: number };

/**
 * The credentials in a Secret of one of the two types that hold some; `undefined` for any other, which a kubelet
 * passes over too. Attacker input: whoever may write Secrets in the namespace wrote it, and only `auths` is read, so
 * no helper program is run for it. Messages never quote it.
 *
 * @throws CountersignError CONFIG_INVALID
 */
export function parsePullSecret(secret: KubernetesObject): PullSecret | undefined {
  const { type, metadata } = secret;
  const source = `${metadata.namespace ?? ''}/${metadata.name}`;
  const data = textsOf(secret['data']);
  if (type === 'kubernetes.io/dockerconfigjson') {
    const text = decoded(data.get('.dockerconfigjson'));
    return text === '' ? undefined : { credentials: parseDockerConfig(text, source), bytes: text.length };
  }
  if (type === 'kubernetes.io/dockercfg') {
    const text = decoded(data.get('.dockercfg'));
    return text === '' ? undefined : { credentials: parseDockerCfg(text, source), bytes: text.length };
  }
  return undefined;
}

function decoded(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('utf8');
}

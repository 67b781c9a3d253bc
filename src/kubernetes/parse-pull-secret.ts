// SPDX-License-Identifier: Apache-2.0
import { LIMITS } from '../limits.ts';
import { type DockerCredentials, parseDockerCfg, parseDockerConfig } from '../registry/index.ts';
import { type KubernetesObject, textsOf } from './object.ts';

/** The credentials of a Secret, and the bytes that they hold, rounded up. */
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
    return text === '' ? undefined : pullSecretOf(parseDockerConfig(text, source), text);
  }
  if (type === 'kubernetes.io/dockercfg') {
    const text = decoded(data.get('.dockercfg'));
    return text === '' ? undefined : pullSecretOf(parseDockerCfg(text, source), text);
  }
  return undefined;
}

/** The text is there as text and as what was cut out of it. */
function pullSecretOf(credentials: DockerCredentials, text: string): PullSecret {
  const parts = credentials.size + credentials.warnings.length;
  return { credentials, bytes: 2 * text.length + parts * LIMITS.credentialBytes };
}

function decoded(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('utf8');
}

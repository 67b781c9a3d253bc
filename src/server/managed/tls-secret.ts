// SPDX-License-Identifier: Apache-2.0
import { parseTlsState, renderTlsState, type TlsState, type TlsTexts } from '../../certificate/tls-state.ts';
import { CountersignError } from '../../errors.ts';
import { apiPath, type KubernetesClient, type KubernetesObject, textsOf } from '../../kubernetes/index.ts';

/** A Secret of our namespace. */
export type SecretPlace = { readonly namespace: string; readonly secret: string };

/** The Secret as it was read; `object` is absent where there is none. */
export type ReadSecret = { readonly state: TlsState; readonly object: KubernetesObject | undefined };

/** The API path of the Secrets among which it is. */
export function secretsPath({ namespace }: SecretPlace): string {
  return apiPath('api', 'v1', 'namespaces', namespace, 'secrets');
}

/** Reads the Secret and what can be used of it. Throws what the client throws. */
export async function readTlsSecret(
  client: KubernetesClient,
  place: SecretPlace,
  signal: AbortSignal,
): Promise<ReadSecret> {
  const object = await client.get(secretsPath(place) + apiPath(place.secret), signal);
  const data = textsOf(object?.['data']);
  const text = (key: keyof TlsTexts) => Buffer.from(data.get(key) ?? '', 'base64').toString('utf8');
  const state = parseTlsState({
    'ca.crt': text('ca.crt'),
    'ca.key': text('ca.key'),
    'next-ca.key': text('next-ca.key'),
    'tls.crt': text('tls.crt'),
    'tls.key': text('tls.key'),
  });
  return { state, object };
}

/**
 * Writes a state over the Secret that was read, whose other content stays, or makes the Secret.
 *
 * @throws CountersignError KUBERNETES_CONFLICT where somebody else was quicker: read again. And what the client throws
 */
export async function writeTlsSecret(
  client: KubernetesClient,
  place: SecretPlace,
  { state, object }: ReadSecret,
  signal: AbortSignal,
): Promise<void> {
  const texts = Object.entries(renderTlsState(state));
  const data = Object.fromEntries(texts.map(([key, text]) => [key, Buffer.from(text).toString('base64')]));
  if (object === undefined) {
    const { namespace, secret: name } = place;
    const made = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: { name, namespace },
      data,
    };
    await client.create(secretsPath(place), made, signal);
    return;
  }
  if (object.metadata.resourceVersion === undefined) {
    throw new CountersignError('KUBERNETES_ERROR', `Secret ${place.secret}: came without a resourceVersion`);
  }
  const kept = Object.fromEntries(textsOf(object['data']));
  const path = secretsPath(place) + apiPath(place.secret);
  await client.update(path, { ...object, data: { ...kept, ...data } }, signal);
}

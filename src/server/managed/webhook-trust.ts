// SPDX-License-Identifier: Apache-2.0
import { authoritiesIn, bundleOf, type Certificate } from '../../certificate/tls-state.ts';
import { CountersignError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json-object.ts';
import { apiPath, type KubernetesClient, type KubernetesObject } from '../../kubernetes/index.ts';

/** A webhook configuration as it was read. */
type Configuration = {
  readonly path: string;
  readonly object: KubernetesObject;
  readonly webhooks: readonly JsonObject[];
};

/** The webhook configurations of our name, at one moment. */
export type WebhookConfigurations = {
  /** Those that there are. */
  readonly found: readonly Configuration[];
  /** Collections in which there is none of our name yet. */
  readonly missing: readonly string[];
};

/** The API paths of the two collections of webhook configurations. */
export const WEBHOOK_COLLECTIONS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'].map(
  (collection) => apiPath('apis', 'admissionregistration.k8s.io', 'v1', collection),
);

/** Reads both configurations. Throws what the client throws. */
export async function readWebhooks(
  client: KubernetesClient,
  name: string,
  signal: AbortSignal,
): Promise<WebhookConfigurations> {
  const found: Configuration[] = [];
  const missing: string[] = [];
  for (const collection of WEBHOOK_COLLECTIONS) {
    const path = collection + apiPath(name);
    const object = await client.get(path, signal);
    if (object === undefined) missing.push(collection);
    else found.push({ path, object, webhooks: webhooksOf(object) });
  }
  return { found, missing };
}

/** Every authority that some webhook of the configurations trusts. */
export function trustedBy({ found }: WebhookConfigurations): readonly Certificate[] {
  return found.flatMap(({ webhooks }) => webhooks.flatMap((one) => authoritiesIn(caBundleOf(one))));
}

/**
 * Has each webhook of the configurations trust exactly these authorities; nothing else in them changes. Answers
 * the paths of those that had to be written.
 *
 * The configurations must have been read before the authorities: whoever adds an authority waits until he sees it
 * here before he uses it, and a write that would take it away again is then a conflict.
 *
 * @throws CountersignError KUBERNETES_CONFLICT where a configuration was changed since it was read; what the client throws
 */
export async function trustAuthorities(
  client: KubernetesClient,
  { found }: WebhookConfigurations,
  authorities: readonly Certificate[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const caBundle = Buffer.from(bundleOf(authorities)).toString('base64');
  const written: string[] = [];
  for (const { path, object, webhooks } of found) {
    if (webhooks.every((one) => clientConfigOf(one)['caBundle'] === caBundle)) continue;
    const version = object.metadata.resourceVersion;
    if (version === undefined) {
      throw new CountersignError('KUBERNETES_ERROR', `${path}: came without a resourceVersion`);
    }
    await client.patch(path, patchOf(webhooks.length, caBundle, version), { type: 'json' }, signal);
    written.push(path);
  }
  return written;
}

/** RFC 6902. That it writes the version which was read makes any other a conflict: so the places of the list hold. */
function patchOf(count: number, caBundle: string, resourceVersion: string): readonly object[] {
  const guard = { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion };
  const bundles = Array.from({ length: count }, (_, index) => ({
    op: 'add',
    path: `/webhooks/${index}/clientConfig/caBundle`,
    value: caBundle,
  }));
  return [guard, ...bundles];
}

function webhooksOf(object: KubernetesObject): readonly JsonObject[] {
  const { webhooks } = object;
  if (webhooks === undefined || webhooks === null) return [];
  if (
    Array.isArray(webhooks) &&
    webhooks.every((one) => isJsonObject(one) && isJsonObject(one['clientConfig']))
  ) {
    return webhooks;
  }
  throw new CountersignError('KUBERNETES_ERROR', `${object.metadata.name}: no webhook configuration`);
}

function clientConfigOf({ clientConfig }: JsonObject): JsonObject {
  return isJsonObject(clientConfig) ? clientConfig : {};
}

function caBundleOf(webhook: JsonObject): string {
  const { caBundle } = clientConfigOf(webhook);
  return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : '';
}

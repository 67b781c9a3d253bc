// SPDX-License-Identifier: Apache-2.0
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { fieldAt, ownField } from './json-fields.ts';
import { podKindOf } from './list-images.ts';
import type { AdmissionRequest } from './parse-review.ts';

/** Whose secrets a Pod's images are pulled with: those that the Pod names, else those of its ServiceAccount. */
export type PodPullSecrets = {
  /** Empty where the request has none: then nothing is read. */
  readonly namespace: string;
  readonly serviceAccount: string;
  /** At most {@link LIMITS}.pullSecrets. */
  readonly secrets: readonly string[];
  /** How many more the Pod names. */
  readonly leftOut: number;
};

/** What Secrets and ServiceAccounts may be called (RFC 1123 subdomain). */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/**
 * The pull secrets that the pod spec in a request names, of the namespace of the request and of no other. They
 * select nothing in a policy. Attacker input: what is no name is passed over, as it can name nothing.
 */
export function readPullSecrets(request: AdmissionRequest): PodPullSecrets {
  const spec = podSpecOf(request);
  const named = ownField(spec, 'imagePullSecrets');
  const names = Array.isArray(named) ? [...new Set(named.map(nameIn).filter((name) => name !== ''))] : [];
  const account = [ownField(spec, 'serviceAccountName'), ownField(spec, 'serviceAccount')].find(isName);
  return {
    namespace: isName(request.namespace) ? request.namespace : '',
    serviceAccount: account ?? 'default',
    secrets: names.slice(0, LIMITS.pullSecrets),
    leftOut: Math.max(0, names.length - LIMITS.pullSecrets),
  };
}

/** The names in a list of references to Secrets, as a ServiceAccount has one. */
export function nameIn(reference: unknown): string {
  const name = isJsonObject(reference) ? ownField(reference, 'name') : undefined;
  return isName(name) ? name : '';
}

const EMPTY: JsonObject = {};

function podSpecOf(request: AdmissionRequest): JsonObject {
  const spec = fieldAt(request.object, podKindOf(request)?.podSpec ?? []);
  return isJsonObject(spec) ? spec : EMPTY;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

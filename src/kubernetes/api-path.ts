// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';

/**
 * An API path of these segments, each percent-encoded: `apiPath('api', 'v1', 'namespaces', namespace, 'secrets', name)`.
 * Names may come from a workload, so none can leave its segment: a server, or a proxy before it, would take `..`
 * for the way up.
 *
 * @throws CountersignError KUBERNETES_ERROR for a segment that names nothing
 */
export function apiPath(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeSegment(segment)}`).join('');
}

/** The path with these parameters added, each percent-encoded; what is `undefined` is left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  if (query.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${query.join('&')}`;
}

/** The collection path narrowed to one object: what a role with `resourceNames` may list and watch. */
export function onlyNamed(path: string, name: string): string {
  return withQuery(path, { fieldSelector: `metadata.name=${name}` });
}

function encodeSegment(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..' || !segment.isWellFormed()) {
    throw new CountersignError('KUBERNETES_ERROR', 'an object without a proper name is not asked for');
  }
  return encodeURIComponent(segment);
}

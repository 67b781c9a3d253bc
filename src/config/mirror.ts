// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { isPathComponent } from '../image/reference.ts';
import { parseRegistry } from '../image/registry-host.ts';

/** Where a registry is mirrored: its repositories stand below `path` there, or under their own names where that is empty. */
export type Mirror = { readonly registry: string; readonly path: string };

/**
 * The mirror in `HOST` or `HOST/PATH`.
 *
 * @throws REFERENCE_INVALID
 */
export function parseMirror(text: string): Mirror {
  if (text.includes('://')) throw invalid(text, 'without a scheme, it is HOST or HOST/PATH');
  const slash = text.indexOf('/');
  const registry = parseRegistry(slash === -1 ? text : text.slice(0, slash));
  if (slash === -1) return Object.freeze({ registry, path: '' });
  const path = text.slice(slash + 1);
  if (!path.split('/').every(isPathComponent)) {
    throw invalid(text, 'what follows the host is not a path as in the names of repositories');
  }
  return Object.freeze({ registry, path });
}

function invalid(text: string, why: string): CountersignError {
  return new CountersignError('REFERENCE_INVALID', `mirror ${quote(text)}: ${why}`);
}

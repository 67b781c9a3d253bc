// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { parseRegistry } from '../image/registry-host.ts';
import { hasKey, pairsOf, textAt, valueAt } from '../policy/raw.ts';
import type { Problem } from '../policy/schema-problem.ts';

/** What the schema cannot see of `registries`: two spellings of one host, and keys that do nothing beside others. */
export function checkRegistries(document: unknown): readonly Problem[] {
  const first = new Map<string, string>();
  return pairsOf(valueAt(document, 'registries')).flatMap(([registry, entry]) => {
    const problems = [...checkPlainHttp(registry, entry), ...checkMirror(registry, entry)];
    const canonical = canonicalOf(registry);
    const before = canonical === undefined ? undefined : first.get(canonical);
    if (canonical !== undefined && before === undefined) first.set(canonical, registry);
    if (before === undefined) return problems;
    const message = `${quote(registry)} is the same host as ${quote(before)}`;
    return [...problems, { path: ['registries', registry], target: 'key' as const, message }];
  });
}

function checkPlainHttp(registry: string, entry: unknown): readonly Problem[] {
  if (valueAt(entry, 'unsafePlainHttp') !== true) return [];
  // The token server is asked over TLS, and `ca` is for it as well.
  const useless = [
    ...(hasKey(entry, 'ca') && !hasKey(entry, 'tokenServer') ? ['ca'] : []),
    ...(hasKey(entry, 'clientCertificate') ? ['clientCertificate'] : []),
  ];
  return useless.map((key) => ({
    path: ['registries', registry, key],
    target: 'key',
    message: `${key} does nothing beside unsafePlainHttp: no certificate is asked for`,
  }));
}

function checkMirror(registry: string, entry: unknown): readonly Problem[] {
  const path = ['registries', registry];
  if (!hasKey(entry, 'mirror')) {
    if (valueAt(entry, 'unsafeMirrorTags') !== true) return [];
    const message = 'unsafeMirrorTags does nothing without mirror';
    return [{ path: [...path, 'unsafeMirrorTags'], target: 'key', message }];
  }
  const mirror = canonicalOf(textAt(entry, 'mirror') ?? '');
  if (mirror === undefined || mirror !== canonicalOf(registry)) return [];
  return [{ path: [...path, 'mirror'], message: `${quote(registry)} cannot be its own mirror` }];
}

function canonicalOf(registry: string): string | undefined {
  try {
    return parseRegistry(registry);
  } catch {
    // The schema says so.
    return undefined;
  }
}

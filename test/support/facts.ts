// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import { createFacts, type Facts } from '../../src/discover/index.ts';
import { type Credentials, createRegistry, type Exchange, NO_CREDENTIALS } from '../../src/registry/index.ts';

/** Facts over the real registry client, loopback allowed. */
export function testFacts(
  options: { readonly tagSeconds?: number; readonly credentials?: Credentials } = {},
): Facts & { close(): Promise<void> } {
  const { tagSeconds = 30, credentials = NO_CREDENTIALS } = options;
  const registry = createRegistry({ config: DEFAULT_CONFIG, credentials, allowLoopback: true });
  return { ...createFacts({ registry, tagSeconds }), close: () => registry.close() };
}

/** An exchange that lasts as long as a test may. */
export function testExchange(budgetMs = 60_000): Exchange {
  return { signal: AbortSignal.timeout(budgetMs), deadline: performance.now() + budgetMs };
}

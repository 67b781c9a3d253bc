// SPDX-License-Identifier: Apache-2.0
import type { Deps } from '../evaluate.ts';
import { createWaitingRoom } from '../evaluation/waiting-room.ts';
import type { TrustRoots } from '../verify/index.ts';
import type { Metrics } from './metrics.ts';
import type { PolicySource } from './policy-source.ts';
import type { TrustSource } from './trust-source.ts';

/** What the engine needs beside the policies. */
export type World = Pick<Deps, 'facts' | 'clock' | 'namespaceLabels' | 'children' | 'pullSecrets'>;

/** The same value for every request on the same snapshots of policies and of trust roots. */
export function depsFor(
  policies: Pick<PolicySource, 'current'>,
  trust: Pick<TrustSource, 'current'>,
  world: World,
  metrics: Metrics,
): () => Deps {
  const { namespaceLabels, ...others } = world;
  const admit = createWaitingRoom({ onWaiting: metrics.reviewsWaiting, onShed: metrics.reviewShed });
  const around = { ...others, admit, observe: metrics.stage, onRegistryRequest: metrics.registryRequest };
  const depsOf = (current: Deps['policies'], roots: TrustRoots): Deps => ({
    ...around,
    policies: current,
    trust: roots,
    // What was found before for an image holds only where no labels are looked at: so only who needs them sees them.
    ...(namespaceLabels !== undefined && current.some(usesLabels) ? { namespaceLabels } : {}),
  });
  let deps = depsOf(policies.current(), trust.current());
  return () => {
    const current = policies.current();
    const roots = trust.current();
    if (deps.policies !== current || deps.trust !== roots) deps = depsOf(current, roots);
    return deps;
  };
}

function usesLabels({ rules }: Deps['policies'][number]): boolean {
  return rules.some((rule) => rule.namespaceLabels !== undefined);
}

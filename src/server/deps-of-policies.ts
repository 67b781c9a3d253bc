// SPDX-License-Identifier: Apache-2.0
import type { Deps } from '../evaluate.ts';
import { createWaitingRoom } from '../evaluation/waiting-room.ts';
import type { Metrics } from './metrics.ts';
import type { PolicySource } from './policy-source.ts';

/** What the engine needs beside the policies. */
export type World = Pick<Deps, 'facts' | 'clock' | 'namespaceLabels' | 'children' | 'pullSecrets'>;

/** The same value for every request on the same snapshot of policies. */
export function depsFor(policies: PolicySource, world: World, metrics: Metrics): () => Deps {
  const { namespaceLabels, ...others } = world;
  const admit = createWaitingRoom({ onWaiting: metrics.reviewsWaiting, onShed: metrics.reviewShed });
  const around = { ...others, admit, observe: metrics.stage, onRegistryRequest: metrics.registryRequest };
  const depsOf = (current: Deps['policies']): Deps => ({
    ...around,
    policies: current,
    // What was found before for an image holds only where no labels are looked at: so only who needs them sees them.
    ...(namespaceLabels !== undefined && current.some(usesLabels) ? { namespaceLabels } : {}),
  });
  let deps = depsOf(policies.current());
  return () => {
    const current = policies.current();
    if (deps.policies !== current) deps = depsOf(current);
    return deps;
  };
}

function usesLabels({ rules }: Deps['policies'][number]): boolean {
  return rules.some((rule) => rule.namespaceLabels !== undefined);
}

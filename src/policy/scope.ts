// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy, Mode, Rule } from './compiled-policy.ts';
import { matchesGlob } from './glob.ts';

/**
 * Where an image is to run. Without a namespace (or an empty one: an object of the whole cluster) rules with
 * `namespaces` do not match. Labels are those of the Namespace; `undefined` means that nobody could say.
 */
export type Scope = {
  readonly namespace?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
};

const STRICTEST_FIRST: readonly Mode[] = ['enforce', 'warn', 'audit'];

/** Whether one of the globs stands for the whole name of the namespace. */
export function matchesNamespace(globs: readonly string[], scope: Scope): boolean {
  const { namespace } = scope;
  if (namespace === undefined || namespace === '') return false;
  return globs.some((glob) => matchesGlob(glob, namespace));
}

/** The first label that the Namespace lacks, or has with another value. */
export function missingLabel(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  return Object.keys(wanted).find((key) => !Object.hasOwn(labels, key) || labels[key] !== wanted[key]);
}

/** The mode that the document's `modes` gives the namespace; enforce where they are silent. */
export function namespaceMode(policy: CompiledPolicy, scope: Scope): Mode {
  return policy.modes.find((entry) => matchesNamespace(entry.namespaces, scope))?.mode ?? 'enforce';
}

/** The strictest of the modes; of none, enforce. */
export function strictestMode(modes: readonly Mode[]): Mode {
  return STRICTEST_FIRST.find((mode) => modes.includes(mode)) ?? 'enforce';
}

/** The mode where no rule speaks: the strictest that any document's `modes` gives the namespace. */
export function defaultMode(policies: readonly CompiledPolicy[], scope: Scope): Mode {
  return strictestMode(policies.map((policy) => namespaceMode(policy, scope)));
}

/**
 * The mode where nobody can say which rule would speak (an object or a reference that cannot be read): the
 * strictest that any rule could have had in this namespace. So nothing gets in by being unreadable.
 */
export function strictestPossibleMode(policies: readonly CompiledPolicy[], scope: Scope): Mode {
  const ofRules = policies.flatMap((policy) => policy.rules.filter((rule) => isForNamespace(rule, scope)));
  return strictestMode([defaultMode(policies, scope), ...ofRules.flatMap((rule) => rule.mode ?? [])]);
}

function isForNamespace(rule: Rule, scope: Scope): boolean {
  return rule.namespaces === undefined || matchesNamespace(rule.namespaces, scope);
}

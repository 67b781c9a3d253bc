// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_CONFIG } from '../../src/config/index.ts';
import { createChildren } from '../../src/discover/index.ts';
import type { Call, Deps } from '../../src/evaluate.ts';
import { compilePolicy } from '../../src/policy/index.ts';
import { testFacts } from './facts.ts';

/** The pipeline's world for a test: real facts, policies from text, a clock that stands. */
export type TestWorld = {
  readonly deps: Deps;
  setNow(now: number): void;
  setPolicies(policies: readonly string[]): void;
  close(): Promise<void>;
};

/** A world over loopback registries; `files` are the key files that the policies name. */
export function testWorld(options: {
  readonly policies: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly now?: number;
  readonly tagSeconds?: number;
}): TestWorld {
  let now = options.now ?? Date.now();
  const facts = testFacts({ tagSeconds: options.tagSeconds ?? 30 });
  const compile = (texts: readonly string[]) =>
    texts.map((text, index) =>
      compilePolicy(text, { source: `policy-${index}.yaml`, readFile: (name) => options.files[name] ?? '' }),
    );
  let policies = compile(options.policies);
  return {
    deps: {
      get policies() {
        return policies;
      },
      facts,
      children: createChildren(DEFAULT_CONFIG.controllers),
      clock: () => now,
      observe: () => {},
    },
    setNow(then) {
      now = then;
    },
    setPolicies(texts) {
      policies = compile(texts);
    },
    close: () => facts.close(),
  };
}

/** A caller who stays, for `budgetMs`; without it for longer than a busy machine takes for anything. */
export function call(budgetMs = 60_000): Call {
  return { signal: new AbortController().signal, budgetMs };
}

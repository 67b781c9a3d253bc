// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_CONFIG } from '../src/config/index.ts';
import { createFacts } from '../src/discover/index.ts';
import { type Deps, evaluate } from '../src/evaluate.ts';
import { type CompiledPolicy, compilePolicy } from '../src/policy/index.ts';
import { createRegistry, NO_CREDENTIALS } from '../src/registry/index.ts';
import {
  createTestKey,
  startTestRegistry,
  type TestKey,
  type TestRegistry,
  type TestRegistryOptions,
} from '../src/testing/index.ts';
import { NO_TRUST_ROOTS, type TrustRoots } from '../src/verify/index.ts';

/** Whoever judges images by one policy: every image needs the one key. */
export type Judge = {
  readonly deps: Deps;
  /** Judges one image; throws where it is not verified, since a fast wrong answer measures nothing. */
  judge(image: string): Promise<void>;
  close(): Promise<void>;
};

/** A registry on loopback, a key that signs, and a judge that trusts it and has asked nothing yet. */
export type World = Judge & { readonly registry: TestRegistry; readonly key: TestKey };

/** A world whose registry wants a bearer token, as the large public ones do. */
export async function startWorld(options: TestRegistryOptions = {}): Promise<World> {
  const auth = { kind: 'bearer', users: [], anonymousPull: true } as const;
  const registry = await startTestRegistry({ auth, ...options });
  const key = createTestKey('ecdsa-p256');
  const judge = createJudge(key.publicKeyPem);
  return {
    ...judge,
    registry,
    key,
    async close() {
      await judge.close();
      await registry.close();
    },
  };
}

/** A judge over the real registry client, with empty caches. */
export function createJudge(publicKeyPem: string): Judge {
  return judgeOf(compilePolicy(POLICY, { source: 'policy.yaml', readFile: () => publicKeyPem }));
}

/** The same for any policy, and what else is trusted. */
export function judgeOf(policy: CompiledPolicy, trust: TrustRoots = NO_TRUST_ROOTS): Judge {
  const registry = createRegistry({
    config: DEFAULT_CONFIG,
    credentials: NO_CREDENTIALS,
    allowLoopback: true,
  });
  const deps: Deps = {
    policies: [policy],
    trust,
    facts: createFacts({ registry, tagSeconds: 30 }),
    clock: Date.now,
    observe: () => {},
  };
  return { deps, judge: (image) => judge(image, deps), close: () => registry.close() };
}

/** The policy of every figure; the key is in `release.pub` beside it. */
export const POLICY = `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: bench }
signers:
  release: { key: { file: release.pub } }
rules:
  - { name: everything, images: ["**"], require: release }
`;

async function judge(image: string, deps: Deps): Promise<void> {
  const question = {
    images: [{ image, uses: [] }],
    scope: {},
    subject: 'none',
    checkPins: false,
  } as const;
  const call = { signal: new AbortController().signal, budgetMs: 30_000 };
  const [found] = (await evaluate(question, deps, call)).images;
  if (found?.verdict !== 'verified') throw new Error(`${image}: ${found?.code}: ${found?.message}`);
}

// SPDX-License-Identifier: Apache-2.0

/**
 * The library's front door: the functions that the command line and the admission server are made of.
 *
 * ```ts
 * const registry = createRegistry({ config: DEFAULT_CONFIG, credentials: NO_CREDENTIALS, allowLoopback: false });
 * const facts = createFacts({ registry, tagSeconds: DEFAULT_CONFIG.cache.tagSeconds });
 * const policies = loadPolicies(['policy.yaml']);
 * const trust = loadTrustRoots(DEFAULT_CONFIG, { names: neededRoots(policies) });
 * const deps = { policies, trust, facts, clock: Date.now, observe: () => {} };
 * const images = [{ image: 'registry.acme.example/web:1.4', uses: [] }];
 * const question = { images, scope: {}, subject: 'none', modes: 'enforced', checkPins: false } as const;
 * const report = await evaluate(question, deps, { signal: new AbortController().signal, budgetMs: 30_000 });
 * await registry.close();
 * ```
 *
 * Keep `deps` for many calls: `facts` remembers what the registries said. `trust` is for signers without keys: by default
 * the public-good instance of Sigstore, as this version brings it along. One bundle, without a registry, is verified by
 * `verifyReadBundle` of `countersign/verify`. Nothing here has an effect on import.
 */
export { type AdmissionRequest, type ImageUse, ReviewError } from './admission/index.ts';
export {
  type Config,
  ConfigError,
  type ConfigIssue,
  DEFAULT_CONFIG,
  loadConfigFile,
  loadPolicies,
  parseConfig,
  type RegistryConfig,
  type TrustRootConfig,
} from './config/index.ts';
export type { Verdict } from './decide.ts';
export { createFacts, type Facts } from './discover/index.ts';
export { asCountersignError, CODES, type Code, type CodeClass, CountersignError } from './errors.ts';
export {
  type AskedImage,
  type Call,
  type Deps,
  distinctImages,
  evaluate,
  type Judgement,
  type Mutation,
  mutate,
  type Question,
  type Stage,
  validate,
} from './evaluate.ts';
export { type CompiledPolicy, compilePolicies, compilePolicy, PolicyError } from './policy/index.ts';
export {
  type Credentials,
  createRegistry,
  loadDockerCredentials,
  NO_CREDENTIALS,
  type ProxySettings,
  type Registry,
} from './registry/index.ts';
export {
  type AdmissionReviewAnswer,
  exitCode,
  type ImageReport,
  type PolicyReport,
  type Report,
  type ReportUse,
  renderJson,
  renderText,
  reportJson,
  type TextOptions,
} from './report/index.ts';
export { loadTrustRoots, neededRoots, snapshotOf } from './trust/index.ts';
export { parseTrustRoot, type TrustRoot, type TrustRoots } from './verify/index.ts';

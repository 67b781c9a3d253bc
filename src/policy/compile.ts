// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '../image/digest.ts';
import { quote } from '../image/quote.ts';
import { buildPolicy } from './build.ts';
import { checkDocument } from './check.ts';
import { checkTrustedTimes } from './check-trusted-times.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { parseYaml, type SourceDocument, topIssue } from './document.ts';
import { PolicyError, type PolicyIssue } from './issue.ts';
import { TrustPolicySchema } from './schema.ts';
import { type Problem, problemsOf } from './schema-problem.ts';
import { loadSignerKeys, type ReadFile } from './signer-keys.ts';
import { compileWheres } from './wheres.ts';

/** Where a policy comes from, and how the files that it names are read. */
export type CompileOptions = {
  /** The file, for messages. */
  readonly source: string;
  readonly readFile: ReadFile;
};

/**
 * The one policy in a YAML text, checked completely, its keys made, deeply frozen.
 *
 * @throws PolicyError POLICY_INVALID with every issue at once
 */
export function compilePolicy(text: string, options: CompileOptions): CompiledPolicy {
  const policies = compilePolicies(text, options);
  const [policy] = policies;
  if (policy !== undefined && policies.length === 1) return policy;
  throw new PolicyError([topIssue(options.source, `found ${policies.length} documents (allowed: one)`)]);
}

/**
 * All policies in a YAML text, one per document; never none.
 *
 * @throws PolicyError POLICY_INVALID with every issue of every document at once
 */
export function compilePolicies(text: string, options: CompileOptions): readonly CompiledPolicy[] {
  const { documents, issues } = parseYaml(text, options.source);
  const textDigest = digestOf(Buffer.from(text));
  const compiled = documents.map((document, index) =>
    compileDocument(document, `${textDigest}#${index}`, options),
  );
  const all = [...issues, ...compiled.flatMap((one) => one.issues)];
  if (all.length === 0 && documents.length === 0)
    all.push(topIssue(options.source, 'no policy: the file is empty'));
  if (all.length > 0) throw new PolicyError(all);
  const policies = compiled.flatMap((one) => one.policy ?? []);
  checkPolicyNames(policies);
  return Object.freeze(policies);
}

/**
 * Checks documents that are to hold together, from one file or several: reports name them, so no two may have
 * one name.
 *
 * @throws PolicyError
 */
export function checkPolicyNames(policies: readonly CompiledPolicy[]): void {
  const seen = new Map<string, CompiledPolicy>();
  const issues: PolicyIssue[] = [];
  for (const policy of policies) {
    const before = seen.get(policy.name);
    const message = `a policy named ${quote(policy.name)} is there already, in ${before?.source}`;
    if (before !== undefined) issues.push({ ...topIssue(policy.source, message), path: 'metadata.name' });
    seen.set(policy.name, policy);
  }
  if (issues.length > 0) throw new PolicyError(issues);
}

type Compiled = { readonly policy?: CompiledPolicy; readonly issues: readonly PolicyIssue[] };

function compileDocument(document: SourceDocument, id: string, options: CompileOptions): Compiled {
  const parsed = TrustPolicySchema.safeParse(document.value, { reportInput: true });
  const { keys, problems } = loadSignerKeys(document.value, options.readFile);
  const { wheres, problems: wrongWheres } = compileWheres(document.value);
  const issuesOf = (found: readonly Problem[]) =>
    found.map(({ path, message, target }) => document.issue(path, message, target));
  const issues = issuesOf([
    ...problemsOf(parsed.error?.issues ?? []),
    ...checkDocument(document.value),
    ...problems,
    ...wrongWheres,
  ]);
  if (!parsed.success || issues.length > 0) return { issues };
  const policy = buildPolicy(parsed.data, { keys, wheres }, document, { id, source: options.source });
  const conflicts = issuesOf(checkTrustedTimes(policy));
  return conflicts.length > 0 ? { issues: conflicts } : { policy, issues };
}

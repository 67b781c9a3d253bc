// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import { checkSigners } from './check-signers.ts';
import type { Path } from './issue.ts';
import { entriesOf, hasKey, isMapping, pairsOf, textAt, valueAt } from './raw.ts';
import type { Problem } from './schema-problem.ts';
import { suggest } from './suggest.ts';

/**
 * What the schema cannot see: how the parts of a document go together. Reads the document as it is, checked or
 * not, so that these problems are told beside the schema's.
 */
export function checkDocument(document: unknown): Problem[] {
  const signers = pairsOf(valueAt(document, 'signers')).map(([name]) => name);
  const rules = entriesOf(valueAt(document, 'rules'));
  return [
    ...checkSignerCount(signers),
    ...checkSigners(document),
    ...checkRuleNames(rules),
    ...rules.flatMap((rule, index) => checkRule(rule, ['rules', index], signers)),
  ];
}

function checkSignerCount(signers: readonly string[]): Problem[] {
  return signers.length > LIMITS.signers
    ? [{ path: ['signers'], target: 'key', message: `more than ${LIMITS.signers} signers` }]
    : [];
}

function checkRuleNames(rules: readonly unknown[]): Problem[] {
  const first = new Map<string, number>();
  return rules.flatMap((rule, index) => {
    const name = textAt(rule, 'name');
    if (name === undefined) return [];
    const before = first.get(name);
    if (before === undefined) first.set(name, index);
    const message = `a rule named ${quote(name)} is there already: rules[${before}]`;
    return before === undefined ? [] : [{ path: ['rules', index, 'name'], message }];
  });
}

function checkRule(rule: unknown, path: Path, signers: readonly string[]): Problem[] {
  const require = valueAt(rule, 'require');
  return [
    ...checkRequireOrAllow(rule, path),
    ...checkPin(rule, path),
    ...checkSearch(rule, path),
    ...(require === undefined ? [] : checkRequirement(require, [...path, 'require'], signers)),
  ];
}

function checkRequireOrAllow(rule: unknown, path: Path): Problem[] {
  const [require, allow] = [hasKey(rule, 'require'), hasKey(rule, 'allow')];
  if (require && allow) {
    return [{ path: [...path, 'allow'], target: 'key', message: 'a rule has require or allow, not both' }];
  }
  return require || allow || !isMapping(rule) ? [] : [{ path, message: 'a rule needs require, or allow' }];
}

function checkPin(rule: unknown, path: Path): Problem[] {
  const keys = ['pin', 'unsafePin'].filter((key) => hasKey(rule, key));
  const at = (key: string, message: string): Problem => ({ path: [...path, key], target: 'key', message });
  if (hasKey(rule, 'allow')) {
    return keys.map((key) => at(key, `${key} does nothing beside allow: an exempt image is not pinned`));
  }
  return keys.length === 2 ? [at('unsafePin', 'pin and unsafePin contradict each other')] : [];
}

/** Where and of what signatures are looked for. */
function checkSearch(rule: unknown, path: Path): Problem[] {
  const at = (key: string, message: string): Problem => ({ path: [...path, key], target: 'key', message });
  if (hasKey(rule, 'allow')) {
    const keys = ['signatures', 'platforms'].filter((key) => hasKey(rule, key));
    return keys.map((key) => at(key, `${key} does nothing beside allow: no signature is looked for`));
  }
  const signatures = valueAt(rule, 'signatures');
  if (!isMapping(signatures) || Object.keys(signatures).length > 0) return [];
  return [at('signatures', 'an empty mapping (allowed: repository, tagPrefix, or both)')];
}

/** Entries and depth are counted over the whole requirement, so that nesting does not multiply them. */
function checkRequirement(requirement: unknown, path: Path, signers: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  let entries = 0;
  const visit = (node: unknown, at: Path, depth: number): void => {
    entries++;
    if (depth > LIMITS.requirementDepth) {
      problems.push({ path: at, message: `nested deeper than ${LIMITS.requirementDepth}` });
      return;
    }
    if (typeof node === 'string') problems.push(...checkSignerName(node, at, signers));
    problems.push(...checkThreshold(node, at));
    for (const key of ['any', 'all', 'of']) {
      for (const [index, entry] of entriesOf(valueAt(node, key)).entries()) {
        visit(entry, [...at, key, index], depth + 1);
      }
    }
  };
  visit(requirement, path, 0);
  if (entries > LIMITS.requirementEntries) {
    problems.push({
      path,
      message: `a requirement with ${entries} entries (allowed: ${LIMITS.requirementEntries})`,
    });
  }
  return problems;
}

function checkSignerName(name: string, path: Path, signers: readonly string[]): Problem[] {
  if (signers.includes(name)) return [];
  return [{ path, message: `unknown signer ${quote(name)} ${suggest(name, signers)}` }];
}

function checkThreshold(node: unknown, path: Path): Problem[] {
  const count = valueAt(node, 'atLeast');
  const of = valueAt(node, 'of');
  if (!Number.isInteger(count) || !Array.isArray(of) || of.length === 0) return [];
  const distinct = new Set(of.map((entry) => JSON.stringify(entry))).size;
  if (Number(count) <= distinct) return [];
  const message = `atLeast ${count} of ${distinct} different entries can never hold`;
  return [{ path: [...path, 'atLeast'], message }];
}

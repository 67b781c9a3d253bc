// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import { checkRequirement } from './check-requirement.ts';
import { checkSigners } from './check-signers.ts';
import type { Path } from './issue.ts';
import { entriesOf, hasKey, isMapping, pairsOf, textAt, valueAt } from './raw.ts';
import type { Problem } from './schema-problem.ts';

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
    ...checkAttestations(rule, path, signers),
  ];
}

/** What a rule does: it demands signatures, attestations or both, or it lets the image in. */
function checkRequireOrAllow(rule: unknown, path: Path): Problem[] {
  const demands = ['require', 'attestations'].filter((key) => hasKey(rule, key));
  const allow = hasKey(rule, 'allow');
  if (allow && demands.length > 0) {
    const message = `a rule has ${demands.join(' and ')} or allow, not both`;
    return [{ path: [...path, 'allow'], target: 'key', message }];
  }
  if (allow || demands.length > 0 || !isMapping(rule)) return [];
  return [{ path, message: 'a rule needs require, attestations, or allow' }];
}

function checkAttestations(rule: unknown, path: Path, signers: readonly string[]): Problem[] {
  return entriesOf(valueAt(rule, 'attestations')).flatMap((entry, index) => {
    const by = valueAt(entry, 'by');
    return by === undefined ? [] : checkRequirement(by, [...path, 'attestations', index, 'by'], signers);
  });
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

// SPDX-License-Identifier: Apache-2.0
import { formatRepository } from '../image/reference.ts';
import type { AttestationRequirement, Mode, Requirement, Rule, SignaturePlace } from './compiled-policy.ts';
import { lastDayBefore } from './time.ts';

/** A requirement in plain words: `a signature by release-key and one by any of alice, bob`. */
export function describeRequirement(requirement: Requirement): string {
  return phrase(requirement, 'a signature');
}

/** An attestation in plain words: `an attestation https://… by builder, every one of them where …`. */
export function describeAttestation({
  predicateType,
  by,
  where,
  quantifier,
}: AttestationRequirement): string {
  const isNewest = where === undefined && quantifier === 'newest';
  const what = `${isNewest ? 'the newest' : 'an'} attestation ${predicateType}`;
  const isPlain = by.kind === 'signer' || (by.kind === 'any' && signerNames(by.of) !== undefined);
  const signed = isPlain ? phrase(by, what) : `${what} with ${phrase(by, 'a signature')}`;
  if (where === undefined) return signed;
  return `${signed}, ${OF_THEM[quantifier]} where ${where.text.trim().replace(/\s+/g, ' ')}`;
}

const OF_THEM = { every: 'every one of them', any: 'any of them', newest: 'the newest of them' };

/** What a rule does with an image, in plain words. */
export function describeRule(rule: Rule): string {
  if (rule.allow === undefined) {
    const place = describePlace(rule.signatures);
    const what = rule.everyPlatform ? ', on every image of an index instead of the index' : '';
    return `requires ${describeDemands(rule)}${what}${place && `, looked for in ${place}`}`;
  }
  const { reason, until } = rule.allow;
  const end = until === 'never' ? 'without an end' : `through ${lastDayBefore(until)} (UTC)`;
  return `lets it in unverified, ${end}: ${reason}`;
}

function describeDemands({ require, attestations = [] }: Rule): string {
  const signatures = require === undefined ? [] : [describeRequirement(require)];
  return [...signatures, ...attestations.map(describeAttestation)].join('; and ');
}

/** Where signatures, or attestations, are looked for; empty where that is the plain tag in the image's own repository. */
export function describePlace(place: SignaturePlace | undefined, suffix: 'sig' | 'att' = 'sig'): string {
  if (place === undefined) return '';
  const { repository, tagPrefix } = place;
  const where = repository === undefined ? 'its own repository' : formatRepository(repository);
  return tagPrefix === '' ? where : `${where}, under tags ${tagPrefix}sha256-….${suffix}`;
}

/** What becomes of an image whose code is no yes, in plain words. */
export function describeDenial(code: string, mode: Mode): string {
  if (mode === 'enforce') return `it is denied ${code}`;
  return `${code}, and mode ${mode} lets it in ${mode === 'warn' ? 'with a warning' : 'in silence'}`;
}

function phrase(requirement: Requirement, subject: string): string {
  if (requirement.kind === 'signer') return `${subject} by ${requirement.signer.name}`;
  const only = requirement.of[0];
  if (requirement.of.length === 1 && only !== undefined) return phrase(only, subject);
  const names = signerNames(requirement.of);
  switch (requirement.kind) {
    case 'all':
      return requirement.of.map((one, index) => inner(one, index === 0 ? subject : 'one')).join(' and ');
    case 'any':
      return names === undefined
        ? `either ${bracketed(requirement.of, ' or ')}`
        : `${subject} by any of ${names}`;
    case 'atLeast':
      return names === undefined
        ? `at least ${requirement.count} of ${bracketed(requirement.of, ', ')}`
        : `signatures by at least ${requirement.count} of ${names}`;
  }
}

/** Inside `all` whatever has an "and" or "or" of its own stands in brackets. */
function inner(requirement: Requirement, subject: string): string {
  const text = phrase(requirement, subject);
  return requirement.kind === 'signer' ||
    (requirement.kind !== 'all' && signerNames(requirement.of) !== undefined)
    ? text
    : `(${phrase(requirement, 'a signature')})`;
}

function bracketed(of: readonly Requirement[], between: string): string {
  return of
    .map((one) => (one.kind === 'signer' ? phrase(one, 'a signature') : `(${phrase(one, 'a signature')})`))
    .join(between);
}

/** The names, where all are plain signers. */
function signerNames(of: readonly Requirement[]): string | undefined {
  const names = of.flatMap((one) => (one.kind === 'signer' ? [one.signer.name] : []));
  return names.length === of.length ? names.join(', ') : undefined;
}

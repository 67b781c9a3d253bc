// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy, Requirement, Rule } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { coversGlob } from './glob.ts';
import type { ImagePattern } from './pattern.ts';
import { coversPattern, coversRepository } from './pattern-match.ts';

/** Rules and modes that can never decide, and rules that let more through than they seem to. */
export function lintRules(policy: CompiledPolicy): FindingAt[] {
  const { rules } = policy;
  return [
    ...rules.flatMap((rule, index) => [
      ...lintReach(rule, rules.slice(0, index), `rules[${index}]`),
      ...lintTags(rule, rules.slice(index + 1), `rules[${index}]`),
      ...lintDodges(rule, `rules[${index}]`),
      ...lintRepeats(rule, `rules[${index}]`),
      ...lintOpenDoor(rule, `rules[${index}]`),
      ...lintPlace(rule, `rules[${index}]`),
    ]),
    ...lintModes(policy),
  ];
}

/** A rule whose images its own `except`, or earlier rules, have taken away. */
function lintReach(rule: Rule, earlier: readonly Rule[], path: string): FindingAt[] {
  if (rule.images.every((image) => rule.except.some((pattern) => coversPattern(pattern, image)))) {
    return [
      warning(`${path}.except`, `rule ${rule.name} never matches: its except takes out all of its images`),
    ];
  }
  const takers = rule.images.map((image) => earlier.find((one) => takesAll(one, rule, image)));
  if (takers.includes(undefined)) return [];
  const names = [...new Set(takers.map((taker) => taker?.name))].join(', ');
  return [warning(path, `rule ${rule.name} never decides: ${names} before it matches all of its images`)];
}

function takesAll(earlier: Rule, rule: Rule, image: ImagePattern): boolean {
  return (
    earlier.except.length === 0 &&
    coversNamespaces(earlier, rule) &&
    coversLabels(earlier, rule) &&
    earlier.images.some((pattern) => coversPattern(pattern, image))
  );
}

function coversNamespaces({ namespaces: wide }: Rule, { namespaces: narrow }: Rule): boolean {
  if (wide === undefined) return true;
  return narrow?.every((name) => wide.some((glob) => coversGlob(glob, name))) ?? false;
}

function coversLabels({ namespaceLabels: wide = {} }: Rule, { namespaceLabels: narrow = {} }: Rule): boolean {
  return Object.entries(wide).every(([key, value]) => Object.hasOwn(narrow, key) && narrow[key] === value);
}

/** A tag is a promise of the author of the workload; who writes a digest instead is out of the rule's reach. */
function lintTags(rule: Rule, later: readonly Rule[], path: string): FindingAt[] {
  const tagged = rule.images.filter((pattern) => pattern.tag !== undefined);
  if (rule.allow !== undefined || tagged.length < rule.images.length) return [];
  const next = later.find((one) =>
    one.images.some((image) => image.tag === undefined && reaches(image, tagged)),
  );
  if (next === undefined) return [];
  const message =
    `rule ${rule.name} names tags, which never match an image named by digest alone: ` +
    `${next.name} decides about those`;
  return [warning(`${path}.images`, message)];
}

/** Which of tag and digest is written is the choice of the author of the workload: neither keeps anything out. */
function lintDodges(rule: Rule, path: string): FindingAt[] {
  const findings: FindingAt[] = [];
  if (rule.except.some((pattern) => pattern.tag !== undefined)) {
    const message = `the except of rule ${rule.name} names tags: an image named by digest alone stays in the rule`;
    findings.push(warning(`${path}.except`, message));
  }
  if (rule.allow === undefined && rule.images.some((pattern) => pattern.digest !== undefined)) {
    const message = `rule ${rule.name} names digests: an image named by tag alone is out of the rule's reach`;
    findings.push(warning(`${path}.images`, message));
  }
  return findings;
}

function reaches(image: ImagePattern, tagged: readonly ImagePattern[]): boolean {
  return tagged.some((pattern) => coversRepository(image, pattern));
}

function lintRepeats(rule: Rule, path: string): FindingAt[] {
  const { require, attestations = [] } = rule;
  const places = [
    ...(require === undefined ? [] : [{ requirement: require, at: `${path}.require` }]),
    ...attestations.map(({ by }, index) => ({ requirement: by, at: `${path}.attestations[${index}]` })),
  ];
  return places.flatMap(({ requirement, at }) =>
    repeatedNames(requirement).map((name) =>
      warning(at, `rule ${rule.name} names signer ${name} twice in one list; it counts once`),
    ),
  );
}

function repeatedNames(requirement: Requirement): readonly string[] {
  if (requirement.kind === 'signer') return [];
  const names = requirement.of.flatMap((one) => (one.kind === 'signer' ? [one.signer.name] : []));
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...repeated, ...requirement.of.flatMap(repeatedNames)];
}

function lintOpenDoor(rule: Rule, path: string): FindingAt[] {
  const everything = rule.images.some(
    (pattern) => pattern.registry === undefined && pattern.digest === undefined,
  );
  if (rule.allow === undefined || !everything || rule.namespaces !== undefined) return [];
  return [warning(`${path}.allow`, `rule ${rule.name} lets in images of every registry unverified`)];
}

/** A place that is where signatures are looked for anyway. */
function lintPlace({ name, images, signatures }: Rule, path: string): FindingAt[] {
  if (signatures?.repository === undefined) return [];
  const { registry, repository } = signatures.repository;
  const isOwn = images.every(
    (pattern) => pattern.registry === registry && pattern.segments?.join('/') === repository,
  );
  if (!isOwn) return [];
  const message = `rule ${name}: signatures.repository is the own repository of its images`;
  return [warning(`${path}.signatures`, message)];
}

function lintModes({ modes }: CompiledPolicy): FindingAt[] {
  return modes.flatMap((entry, index) => {
    const earlier = modes.slice(0, index).flatMap((one) => one.namespaces);
    const shadowed = entry.namespaces.every((name) => earlier.some((glob) => coversGlob(glob, name)));
    const message = `modes for ${entry.namespaces.join(', ')} never apply: earlier entries match them`;
    return shadowed ? [{ level: 'warning', path: `modes[${index}]`, message }] : [];
  });
}

function warning(path: string, message: string): FindingAt {
  return { level: 'warning', path, message };
}

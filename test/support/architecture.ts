// SPDX-License-Identifier: Apache-2.0
import type { SourceFile } from './source-tree.ts';

/** Where a part stands and what it may use from outside: a package, or only these names of it. */
export type Part = {
  readonly rank: number;
  readonly outside: Readonly<Record<string, true | readonly string[]>>;
};

/** What an architecture allows. A part is a folder of the tree, or a file at its top. */
export type Rules = {
  readonly parts: Readonly<Record<string, Part>>;
  /** Pairs of parts in which the first may import the second although both have one rank. */
  readonly beside: readonly (readonly [string, string])[];
  /** Parts that nobody imports, except the files for which the check says yes. */
  readonly closed: Readonly<Record<string, (path: string) => boolean>>;
  /** Parts without clock, timers, chance and network. */
  readonly pure: readonly string[];
  readonly mayReadProcess: readonly string[];
  readonly longestFile: number;
};

/** Everything in the tree that the rules do not allow, as lines for people; empty where it is as it should be. */
export function violations(files: readonly SourceFile[], rules: Rules): string[] {
  return [
    ...files.flatMap((file) => [
      ...checkPlace(file, rules),
      ...checkImports(file, rules),
      ...checkText(file, rules),
    ]),
    ...cyclesIn(files).map((cycle) => `import cycle: ${cycle.join(' → ')}`),
  ];
}

/** The part of the tree that a path belongs to: its folder at the top, or itself. */
export function partOf(path: string): string {
  return path.split('/')[0] ?? path;
}

function checkPlace({ path }: SourceFile, rules: Rules): string[] {
  const unknown = partOf(path) in rules.parts ? [] : [`${path}: is in no part that the order knows`];
  const vague = /(?:^|\/)(?:utils?|helpers?|common|misc|shared)(?:\/|\.ts$)/.test(path)
    ? [`${path}: a name that says nothing`]
    : [];
  return [...unknown, ...vague];
}

function checkImports({ path, imports }: SourceFile, rules: Rules): string[] {
  return imports.flatMap(({ specifier, target, names }) =>
    target === undefined
      ? checkOutside(path, specifier, names, rules)
      : checkTarget(path, partOf(target), target, rules),
  );
}

function checkOutside(path: string, specifier: string, names: readonly string[], rules: Rules): string[] {
  const allowed = rules.parts[partOf(path)]?.outside[packageOf(specifier)];
  if (allowed === true) return [];
  if (allowed !== undefined && names.length > 0 && names.every((name) => allowed.includes(name))) return [];
  return [`${path}: imports ${specifier}`];
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function checkTarget(path: string, to: string, target: string, rules: Rules): string[] {
  const from = partOf(path);
  if (from === to) return [];
  const mayEnter = rules.closed[to];
  if (mayEnter !== undefined) return mayEnter(path) ? [] : [`${path}: imports ${target}, which is closed`];
  const [mine, its] = [rules.parts[from]?.rank ?? 0, rules.parts[to]?.rank ?? Number.POSITIVE_INFINITY];
  const isBeside = rules.beside.some(([one, other]) => one === from && other === to);
  return its < mine || isBeside ? [] : [`${path}: imports ${target}, which does not stand left of it`];
}

const IMPURE =
  /\b(?:Date\.now|new Date\(\)|performance|setTimeout|setInterval|setImmediate|Math\.random|fetch\()/;
const LICENCE = /^(?:#![^\n]*\n)?\/\/ SPDX-License-Identifier: Apache-2\.0\n/;

function checkText({ path, text, code }: SourceFile, rules: Rules): string[] {
  const found: string[] = [];
  const impure = rules.pure.includes(partOf(path)) ? IMPURE.exec(code)?.[0] : undefined;
  if (impure !== undefined) found.push(`${path}: uses ${impure}, and should be pure`);
  if (/\bprocess\b(?!')/.test(code) && !rules.mayReadProcess.includes(path))
    found.push(`${path}: reads process`);
  if (!LICENCE.test(text)) found.push(`${path}: does not begin with the SPDX line`);
  if (/^export default\b/m.test(code)) found.push(`${path}: has a default export`);
  if (linesOf(text) > rules.longestFile) {
    found.push(`${path}: has ${linesOf(text)} lines (at most ${rules.longestFile})`);
  }
  return found;
}

/** How many lines a text has. */
export function linesOf(text: string): number {
  return text.split('\n').length - 1;
}

/** The circles of static imports, each once; imports of types count too. */
function cyclesIn(files: readonly SourceFile[]): string[][] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, road: readonly string[]) => {
    const at = road.indexOf(path);
    if (at >= 0) cycles.push([...road.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const { target, lazy } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined && !lazy) visit(target, [...road, path]);
    }
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** An import as it is written, and the file of the tree that it names, if it is one. */
export type SourceImport = {
  readonly specifier: string;
  /** A path in the tree; absent for packages and for Node's own modules. */
  readonly target?: string;
  /** What is imported by name; empty for all others. */
  readonly names: readonly string[];
  /** `import(…)` and `require(…)`: loaded when it is reached. */
  readonly lazy: boolean;
};

/** A source file: its path in the tree (`image/digest.ts`), its text, and its text without comments. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly SourceImport[];
};

/** The TypeScript files below a folder, by their paths in it. */
export function readTree(folder: string): SourceFile[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => parseSource(name.replaceAll('\\', '/'), readFileSync(join(folder, name), 'utf8')));
}

/** The files of a made-up tree. */
export function treeOf(files: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(files).map(([path, text]) => parseSource(path, text));
}

const STATIC = /^(?:import|export)\b([^'";]*?)\bfrom\s*'([^']+)'/gm;
const BARE = /^import\s*'([^']+)'/gm;
const LAZY = /\b(?:import|require|createRequire\([^)]*\))\(\s*'([^']+)'/g;
/** A comment that stands in lines of its own, or after code and a blank. */
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/gm;

function parseSource(path: string, text: string): SourceFile {
  const code = text.replace(COMMENT, '');
  const found = [
    ...[...code.matchAll(STATIC)].map(([, names = '', specifier = '']) => ({
      specifier,
      names: namesIn(names),
      lazy: false,
    })),
    ...[...code.matchAll(BARE)].map(([, specifier = '']) => ({ specifier, names: [], lazy: false })),
    ...[...code.matchAll(LAZY)].map(([, specifier = '']) => ({ specifier, names: [], lazy: true })),
  ];
  return { path, text, code, imports: found.map((one) => ({ ...one, ...targetOf(path, one.specifier) })) };
}

function namesIn(clause: string): string[] {
  const list = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
  return list
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '');
}

function targetOf(path: string, specifier: string): { target?: string } {
  return specifier.startsWith('.') ? { target: posix.join(dirname(path), specifier) } : {};
}

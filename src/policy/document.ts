// SPDX-License-Identifier: Apache-2.0
import { type Document, isScalar, LineCounter, type Pair, parseAllDocuments, visit } from 'yaml';
import { LIMITS } from '../limits.ts';
import { formatPath, type Path, PolicyError, type PolicyIssue } from './issue.ts';
import { locate, positionAt, positionOf, type Target } from './locate.ts';

/** One YAML document: its value, not yet checked, and where each part of it stands. */
export type SourceDocument = {
  readonly value: unknown;
  /** An issue at the path; where that is missing, at what is nearest above it. */
  readonly issue: (path: Path, message: string, target?: Target) => PolicyIssue;
  readonly line: (path: Path) => number;
};

/** What a file holds: documents that are YAML, and what is wrong with the others. */
export type Source = {
  readonly documents: readonly SourceDocument[];
  readonly issues: readonly PolicyIssue[];
};

/** Where the file is, and how its offsets become lines. */
type File = { readonly name: string; readonly lines: LineCounter };

/** The core schema of YAML 1.2: dates stay text, `yes` is no boolean. Merge keys and unknown tags are errors. */
const YAML_OPTIONS = {
  version: '1.2',
  schema: 'core',
  strict: true,
  stringKeys: true,
  uniqueKeys: true,
  merge: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** References to anchors, their contents counted in: more is a bomb, not a policy. */
const MAX_ALIAS_COUNT = 100;
/** Levels of mappings and lists; a policy has at most 6, and 2 more for each level of a requirement. */
const MAX_DEPTH = 64;
/** Errors of a document that leave the rest of it readable; after any other, what follows is noise. */
const LOCAL_ERRORS: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'NON_STRING_KEY', 'TAG_RESOLVE_FAILED']);
const LOCAL_ISSUES = 10;
const TOO_DEEP = 'nested too deep';

/**
 * The YAML documents of a policy file. Documents without content are left out (what stands before a first
 * `---`).
 *
 * Attacker input as far as a namespace's owner writes it: size, nesting and aliases are bounded, and duplicate
 * keys are errors, since the second could contradict what a reviewer read.
 *
 * @throws PolicyError where the file is no YAML at all
 */
export function parseYaml(text: string, name: string): Source {
  const lines = new LineCounter();
  const file = { name, lines };
  if (Buffer.byteLength(text) > LIMITS.documentBytes) {
    throw new PolicyError([topIssue(name, `larger than ${LIMITS.documentBytes} bytes`)]);
  }
  const parsed = parseSource(text, file);
  const sources = parsed.filter(hasContent).map((document) => readDocument(document, file));
  return {
    documents: sources.flatMap((source) => source.documents),
    issues: sources.flatMap((source) => source.issues),
  };
}

/** An issue of a file as a whole. */
export function topIssue(file: string, message: string): PolicyIssue {
  return { file, line: 1, column: 1, path: '', message };
}

/** The parser descends by recursion: nesting deep enough ends in a RangeError. */
function parseSource(text: string, file: File): readonly Document[] {
  try {
    return [...parseAllDocuments(text, { ...YAML_OPTIONS, lineCounter: file.lines })];
  } catch (cause) {
    const why = cause instanceof RangeError ? TOO_DEEP : 'not YAML';
    throw new PolicyError([topIssue(file.name, why)]);
  }
}

function hasContent(document: Document): boolean {
  const { contents } = document;
  const empty =
    contents === null || (isScalar(contents) && contents.value === null && contents.source === '');
  return !empty || document.errors.length > 0;
}

function readDocument(document: Document, file: File): Source {
  const issues = [...yamlIssues(document, file), ...protoIssues(document, file)];
  if (issues.length > 0) return { documents: [], issues };
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    if (isDeeperThan(MAX_DEPTH, value)) throw new RangeError();
    return { documents: [sourceDocument(value, document, file)], issues: [] };
  } catch (error) {
    const why = error instanceof ReferenceError ? error.message : TOO_DEEP;
    return {
      documents: [],
      issues: [{ ...topIssue(file.name, why), ...positionOf(document.contents, file.lines) }],
    };
  }
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}

function yamlIssues(document: Document, file: File): PolicyIssue[] {
  const fatal = document.errors.find((error) => !LOCAL_ERRORS.has(error.code));
  const told =
    fatal === undefined ? [...document.errors, ...document.warnings].slice(0, LOCAL_ISSUES) : [fatal];
  return told.map((error) => ({
    ...topIssue(file.name, error.message.includes('call stack') ? TOO_DEEP : error.message),
    ...positionAt(error.pos[0], file.lines),
  }));
}

/** Some readers of objects skip this key without a word. */
function protoIssues(document: Document, file: File): PolicyIssue[] {
  const issues: PolicyIssue[] = [];
  visit(document, {
    Pair: (_, pair: Pair) => {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
      issues.push({
        ...topIssue(file.name, 'the key __proto__ is not allowed'),
        ...positionOf(pair.key, file.lines),
      });
    },
  });
  return issues;
}

function sourceDocument(value: unknown, document: Document, file: File): SourceDocument {
  return {
    value,
    issue: (path, message, target = 'value') => ({
      file: file.name,
      ...locate(document, path, target, file.lines),
      path: formatPath(path),
      message,
    }),
    line: (path) => locate(document, path, 'key', file.lines).line,
  };
}

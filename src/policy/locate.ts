// SPDX-License-Identifier: Apache-2.0
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { Path } from './issue.ts';

/** The key of the last step of a path, or its value. */
export type Target = 'key' | 'value';

/** Where something stands in a file; both count from 1. */
export type Position = { readonly line: number; readonly column: number };

/** The position of the key or value at a path; where that is missing, of what is nearest above it. */
export function locate(document: Document, path: Path, target: Target, lines: LineCounter): Position {
  return positionOf(nodeAt(document, path, target), lines);
}

/** The position of a node; the top of the file where it has none. */
export function positionOf(node: unknown, lines: LineCounter): Position {
  const range = (node as Node | null)?.range;
  return positionAt(range?.[0] ?? 0, lines);
}

/** The position of an offset. */
export function positionAt(offset: number, lines: LineCounter): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** The node at the path, or the last one on the way there. */
function nodeAt(document: Document, path: Path, target: Target): Node | null {
  let node = document.contents as Node | null;
  for (const [index, step] of path.entries()) {
    const found = childOf(resolveAlias(node, document), step);
    if (found === undefined) return node;
    const wantsKey = target === 'key' && index === path.length - 1;
    node = (wantsKey ? (found.key ?? found.value) : (found.value ?? found.key)) ?? node;
  }
  return node;
}

function childOf(node: Node | null, step: string | number): { key?: Node; value: Node | null } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const value = node.items[step] as Node | undefined;
    return value === undefined ? undefined : { value };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
  return pair === undefined ? undefined : { key: pair.key as Node, value: pair.value as Node | null };
}

function resolveAlias(node: Node | null, document: Document): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

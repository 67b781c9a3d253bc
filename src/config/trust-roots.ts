// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { entriesOf, hasKey, pairsOf, textAt, valueAt } from '../policy/raw.ts';
import type { Problem } from '../policy/schema-problem.ts';
import type { ReadFile } from './registry-files.ts';
import type { TrustRootsDocument } from './schema-trust-root.ts';
import {
  DEFAULT_TRUST_ROOT,
  PUBLIC_GOOD_MIRROR,
  PUBLIC_GOOD_TUF,
  type TrustRootConfig,
  type TufConfig,
  UNNAMED_DEFAULT,
} from './trust-root-config.ts';

type TrustRootDocument = TrustRootsDocument[string];

/**
 * The trust roots of a document that has passed the schema; `pathOf` gives where a file that it names is. A document that
 * names no `default` has the public-good one under that name.
 */
export function trustRootsOf(
  document: TrustRootsDocument,
  pathOf: (name: string) => string,
): ReadonlyMap<string, TrustRootConfig> {
  const named = Object.entries(document).map(
    ([name, entry]) => [name, Object.freeze(trustRootOf(entry, pathOf))] as const,
  );
  return new Map([[DEFAULT_TRUST_ROOT, UNNAMED_DEFAULT], ...named]);
}

function trustRootOf(entry: TrustRootDocument, pathOf: (name: string) => string): TrustRootConfig {
  if (entry.file !== undefined) return { kind: 'file', path: pathOf(entry.file) };
  if (entry.tuf !== undefined) return tufOf(entry.tuf, pathOf);
  if (entry.files === undefined) return { kind: 'publicGood', orKept: false };
  const { certificateChain, rekorKeys = [], ctKeys = [], timestampChain } = entry.files;
  return {
    kind: 'files',
    ...(certificateChain === undefined ? {} : { certificateChain: pathOf(certificateChain.file) }),
    rekorKeys: rekorKeys.map(({ file, origin }) => ({
      path: pathOf(file),
      ...(origin === undefined ? {} : { origin }),
    })),
    ctKeys: ctKeys.map(({ file }) => pathOf(file)),
    ...(timestampChain === undefined ? {} : { timestampChain: pathOf(timestampChain.file) }),
  };
}

function tufOf(
  { mirror, root, target, refreshHours }: NonNullable<TrustRootDocument['tuf']>,
  pathOf: (name: string) => string,
): TufConfig {
  return {
    ...PUBLIC_GOOD_TUF,
    ...(mirror === undefined ? {} : { mirror: mirror.replace(/\/+$/, '') }),
    ...(root === undefined ? {} : { root: pathOf(root.file) }),
    ...(target === undefined ? {} : { target }),
    ...(refreshHours === undefined ? {} : { refreshHours }),
  };
}

/**
 * What the schema cannot see of `trustRoots`: files that cannot be read, and a mirror without the root that trust in
 * it begins with. Whether a mirror may be asked without TLS is seen when it is asked, as of registries.
 */
export function checkTrustRoots(document: unknown, readFile: ReadFile): readonly Problem[] {
  return pairsOf(valueAt(document, 'trustRoots')).flatMap(([name, entry]) => {
    const path = ['trustRoots', name];
    return [...unreadable(entry, path, readFile), ...checkTuf(valueAt(entry, 'tuf'), path)];
  });
}

function checkTuf(tuf: unknown, path: readonly string[]): readonly Problem[] {
  const mirror = textAt(tuf, 'mirror');
  if (mirror === undefined) return [];
  const at = [...path, 'tuf', 'mirror'];
  const problems: Problem[] = [];
  if (mirror.replace(/\/+$/, '') !== PUBLIC_GOOD_MIRROR && !hasKey(tuf, 'root')) {
    problems.push({
      path: at,
      message: 'a mirror of your own needs root: { file: … }, with which trust in it begins',
    });
  }
  return problems;
}

/** The files of an entry that cannot be read, each where it is named. */
function unreadable(entry: unknown, path: readonly string[], readFile: ReadFile): readonly Problem[] {
  return filesIn(entry).flatMap(([keys, file]) => {
    try {
      readFile(file);
      return [];
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      return [{ path: [...path, ...keys], message: error.message }];
    }
  });
}

type NamedFile = readonly [keys: readonly (string | number)[], file: string];

function filesIn(entry: unknown): readonly NamedFile[] {
  const files = valueAt(entry, 'files');
  const lists = ['rekorKeys', 'ctKeys'].flatMap((key) =>
    entriesOf(valueAt(files, key)).map(
      (one, index) => [['files', key, index, 'file'], textAt(one, 'file')] as const,
    ),
  );
  const singles = ['certificateChain', 'timestampChain'].map(
    (key) => [['files', key, 'file'], textAt(valueAt(files, key), 'file')] as const,
  );
  const own = [
    [['file'], textAt(entry, 'file')] as const,
    [['tuf', 'root', 'file'], textAt(valueAt(valueAt(entry, 'tuf'), 'root'), 'file')] as const,
  ];
  return [...own, ...singles, ...lists].flatMap(([keys, file]) =>
    file === undefined || file === '' ? [] : [[keys, file] as const],
  );
}

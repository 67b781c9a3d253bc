// SPDX-License-Identifier: Apache-2.0
import { dirname, join, resolve } from 'node:path';
import { CountersignError } from '../errors.ts';
import {
  type CompiledPolicy,
  checkPolicyNames,
  compilePolicies,
  PolicyError,
  type PolicyIssue,
} from '../policy/index.ts';
import { disk, type Files } from './files.ts';

/**
 * Loads the policy documents of `--policy`: each path is a file, or a folder whose `*.yaml`, `*.yml` and `*.json`
 * files are taken in order of their names, hidden ones and folders inside left out. Key files are looked for
 * beside the document that names them. The answer is frozen.
 *
 * @throws PolicyError POLICY_INVALID with the errors of all documents at once, also for a folder without any,
 *   and for two documents of one name
 * @throws CountersignError USAGE for no path at all, FILE_UNREADABLE
 */
export function loadPolicies(paths: readonly string[], files: Files = disk): readonly CompiledPolicy[] {
  if (paths.length === 0) throw new CountersignError('USAGE', 'no policy was given');
  const issues: PolicyIssue[] = [];
  const policies = paths
    .flatMap((path) => orIssues(issues, () => documentsAt(path, files)))
    .flatMap((source) => orIssues(issues, () => policiesIn(source, files)));
  if (issues.length > 0) throw new PolicyError(issues);
  checkPolicyNames(policies);
  return Object.freeze(policies);
}

function orIssues<T>(issues: PolicyIssue[], load: () => readonly T[]): readonly T[] {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    issues.push(...error.issues);
    return [];
  }
}

function documentsAt(path: string, files: Files): readonly string[] {
  const names = files.list(path);
  if (names === undefined) return [path];
  const documents = names
    .filter((name) => /\.(?:yaml|yml|json)$/.test(name))
    .map((name) => join(path, name))
    .filter((document) => files.list(document) === undefined);
  if (documents.length > 0) return documents;
  const message = 'found no policy in this folder, wanted *.yaml, *.yml or *.json';
  throw new PolicyError([{ file: path, line: 1, column: 1, path: '', message }]);
}

function policiesIn(source: string, files: Files): readonly CompiledPolicy[] {
  const readFile = (file: string) => files.read(resolve(dirname(source), file));
  return compilePolicies(files.read(source), { source, readFile });
}

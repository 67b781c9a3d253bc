// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type Credentials, NO_CREDENTIALS } from './credential.ts';
import { parseDockerConfig } from './docker-config.ts';
import { createHelperAnswers, type HelperAnswers } from './helper-answers.ts';
import { withHelpers } from './helper-credentials.ts';

/** How often the file is looked at, at most. */
const LOOK_MS = 1000;

/**
 * The credentials of `config.json` in a directory (`DOCKER_CONFIG`, or `.docker` at home; the caller knows which).
 * No such file means no credentials. The helper programs that it
 * names are asked for credentials. The file is read again when it has changed; one that has become unreadable
 * leaves what held before, with a warning.
 *
 * @throws FILE_UNREADABLE, CONFIG_INVALID
 */
export function loadDockerCredentials(directory: string): Credentials {
  const path = join(directory, 'config.json');
  let stamp = stampOf(path);
  const answers = createHelperAnswers();
  let current = read(path, answers);
  let looked = performance.now();

  function latest(): Credentials {
    if (performance.now() - looked < LOOK_MS) return current;
    looked = performance.now();
    const before = stamp;
    stamp = stampOf(path);
    if (stamp !== before) current = readAgain(path, answers, current);
    return current;
  }
  return {
    find: (repository) => latest().find(repository),
    ready: (repository, asker) => latest().ready?.(repository, asker),
    renew: async (repository, asker) => (await latest().renew?.(repository, asker)) ?? false,
    get warnings() {
      return latest().warnings;
    },
  };
}

function readAgain(path: string, answers: HelperAnswers, before: Credentials): Credentials {
  try {
    return read(path, answers);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return { ...before, warnings: [`${error.message}: the credentials from before are still used`] };
  }
}

function read(path: string, answers: HelperAnswers): Credentials {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return NO_CREDENTIALS;
    if (size > LIMITS.documentBytes) throw unreadable(path, `larger than ${LIMITS.documentBytes} bytes`);
    return withHelpers(parseDockerConfig(readFileSync(path, 'utf8'), path), answers);
  } catch (error) {
    if (error instanceof CountersignError) throw error;
    throw unreadable(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** Changes with the file, also where a symbolic link now leads to another one. */
function stampOf(path: string): string {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
  } catch {
    // Not even the directory may be looked into: reading the file is what reports that.
    return 'unreadable';
  }
}

function unreadable(path: string, reason: string, cause?: unknown): CountersignError {
  return new CountersignError('FILE_UNREADABLE', `${path}: ${reason}`, { cause });
}

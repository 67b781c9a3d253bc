// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { readable } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { type CompiledPolicy, compilePolicy, PolicyError } from '../policy/index.ts';

/**
 * The policy that `--key` stands for: everything must be signed by this key. One policy language, so that a
 * key on the command line is held to exactly what a key in a file is.
 *
 * @throws CountersignError FILE_UNREADABLE, KEY_INVALID
 */
export function keyPolicy(
  file: string,
  hash: string | undefined,
  annotations: Readonly<Record<string, string>> | undefined,
): CompiledPolicy {
  const document = {
    apiVersion: 'countersign.dev/v1',
    kind: 'TrustPolicy',
    metadata: { name: 'command-line' },
    signers: {
      key: {
        key: { file, ...(hash === undefined ? {} : { hash }) },
        ...(annotations === undefined ? {} : { annotations }),
      },
    },
    rules: [{ name: 'key', images: ['**'], require: 'key' }],
  };
  const pem = readable(file, () => readFileSync(file, 'utf8'));
  try {
    return compilePolicy(JSON.stringify(document), { source: '--key', readFile: () => pem });
  } catch (error) {
    throw new CountersignError('KEY_INVALID', `--key ${file}: ${reasonOf(error, file)}`, { cause: error });
  }
}

/** The document is ours, so its lines and paths say nothing to whoever named the key. */
function reasonOf(error: unknown, file: string): string {
  if (!(error instanceof PolicyError)) return (error as Error).message;
  return error.issues.map(({ message }) => message.replace(`${quote(file)}: `, '')).join('; ');
}

// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { CountersignError } from '../errors.ts';
import { type CompiledPolicy, compilePolicy } from '../policy/index.ts';

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
  const pem = readKey(file);
  try {
    return compilePolicy(JSON.stringify(document), { source: '--key', readFile: () => pem });
  } catch (error) {
    throw new CountersignError('KEY_INVALID', `--key ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CountersignError('FILE_UNREADABLE', `cannot read the key ${file}`, { cause });
  }
}

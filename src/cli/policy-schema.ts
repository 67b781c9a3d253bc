// SPDX-License-Identifier: Apache-2.0
import { policyJsonSchema } from '../policy/index.ts';
import type { Terminal } from './terminal.ts';

/** Prints the JSON Schema of the TrustPolicy. */
export function schemaCommand(terminal: Terminal): number {
  terminal.out(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  return 0;
}

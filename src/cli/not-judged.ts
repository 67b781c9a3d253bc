// SPDX-License-Identifier: Apache-2.0
import { plainText } from '../report/index.ts';
import { nearMiss } from './near-miss.ts';
import type { Manifest } from './parse-manifests.ts';
import type { Terminal } from './terminal.ts';

/** Objects named one by one; of more, the number. */
const SHOWN = 20;
const LINE_LENGTH = 512;

/** Names the objects that were passed over, as the webhook passes over them, so that nobody takes that for a yes. */
export function sayNotJudged(manifests: readonly Manifest[], terminal: Terminal): void {
  for (const { file, apiVersion, title, object } of manifests.slice(0, SHOWN)) {
    const kind = String(object['kind']);
    const miss = nearMiss(apiVersion, kind);
    const question = miss === undefined ? '' : ` (did you mean ${miss.meant}?)`;
    const what = kind === 'AdmissionReview' ? 'not about' : 'not';
    const which = plainText(`${file}: ${apiVersion} ${title}`, LINE_LENGTH);
    terminal.err(`countersign: not judged: ${which}: ${what} a built-in kind that holds Pods${question}\n`);
  }
  const left = manifests.length - SHOWN;
  if (left > 0) terminal.err(`countersign: not judged: and ${left} more\n`);
}

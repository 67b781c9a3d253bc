// SPDX-License-Identifier: Apache-2.0
import { createTestKey, defectsFor } from '../../../src/testing/index.ts';
import type { DifferentialCase } from './case.ts';
import { CONTENTS, made } from './made.ts';

/** What signatures consist of; all that has a time proves it. */
const SHAPES = [
  { keyless: true, log: 'v1', timestamps: 0 },
  { keyless: true, log: 'v1', timestamps: 1 },
  { keyless: true, log: 'v2', timestamps: 1 },
  { keyless: false, log: 'v1', timestamps: 0 },
  { keyless: false, log: 'v2', timestamps: 0 },
  { keyless: false, log: 'none', timestamps: 1 },
] as const;

/** Each defect that can be ordered, in every shape of signature that can have it. */
export function defectCases(): readonly DifferentialCase[] {
  const key = createTestKey();
  return SHAPES.flatMap(({ keyless, log, timestamps }) =>
    (Object.keys(CONTENTS) as (keyof typeof CONTENTS)[]).flatMap((content) =>
      defectsFor({ keyless, log, timestamps }).map((defect) => {
        const name = `${defect}: ${keyless ? 'certificate' : 'key'}, Rekor ${log}${timestamps > 0 ? ', timestamp' : ''}`;
        return made(name, { content, log, timestamps, defects: [defect], ...(!keyless && { key }) });
      }),
    ),
  );
}

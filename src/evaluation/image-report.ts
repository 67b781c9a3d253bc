// SPDX-License-Identifier: Apache-2.0
import type { Decision } from '../decide.ts';
import { CODES } from '../errors.ts';
import type { ImageReport } from '../report/index.ts';
import type { Case } from './case.ts';
import type { AskedImage } from './question.ts';
import type { Watch } from './watch.ts';

/** What the pipeline leaves of a case. */
type Found = Pick<Case, 'findings' | 'outcomes' | 'pinned'>;

/** The record of one judged image. */
export function imageReport(asked: AskedImage, found: Found, decision: Decision, watch: Watch): ImageReport {
  const digest = found.pinned?.digest;
  return {
    image: asked.image,
    ...(digest === undefined ? {} : { digest }),
    uses: asked.uses,
    ...decision,
    hint: hintFor(decision, asked.image, digest),
    stale: false,
    policies: found.findings.map(({ policy, rule, mode, verdict, code }) => ({
      policy,
      rule,
      mode,
      verdict,
      code,
    })),
    outcomes: found.outcomes,
    registryRequests: watch.registryRequests(),
    durationMs: watch.durationMs(),
  };
}

/** The record of an object whose images could not even be listed. */
export function unlistedReport(decision: Decision): ImageReport {
  return {
    image: '',
    object: 'the object',
    uses: [],
    ...decision,
    hint: CODES[decision.code].hint,
    stale: false,
    policies: [],
    outcomes: [],
    registryRequests: 0,
    durationMs: 0,
  };
}

/** The catalogue's hint with this image in the place of its IMAGE and DIGEST. */
function hintFor({ code }: Decision, image: string, digest: string | undefined): string {
  const { hint } = CODES[code];
  if (hint === '') return '';
  const name = image.split('@')[0] ?? image;
  return hint
    .replace('IMAGE@DIGEST', () => `${name}@${digest ?? 'DIGEST'}`)
    .replace(/\bIMAGE\b/, () => image);
}

// SPDX-License-Identifier: Apache-2.0
import type { Decision } from '../decide.ts';
import { CODES } from '../errors.ts';
import { apiHost } from '../registry/index.ts';
import type { ImageReport } from '../report/index.ts';
import type { Case } from './case.ts';
import type { AskedImage } from './question.ts';
import { readReference } from './read-reference.ts';
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
    hint: hintFor(decision, asked.image, decision.child ?? digest),
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

/** The catalogue's hint with this image in the place of its REGISTRY, IMAGE and DIGEST. */
function hintFor({ code }: Decision, image: string, digest: string | undefined): string {
  const { hint } = CODES[code];
  if (hint === '') return '';
  const name = image.split('@')[0] ?? image;
  return withRegistry(hint, image)
    .replace('IMAGE@DIGEST', () => `${name}@${digest ?? 'DIGEST'}`)
    .replace(/\bIMAGE\b/, () => image);
}

/** Only where a command names it: a hint about the grammar of references says REGISTRY. */
function withRegistry(hint: string, image: string): string {
  if (!/https:\/\/REGISTRY\/|login REGISTRY/.test(hint)) return hint;
  const registry = registryOf(image);
  if (registry === undefined) return hint;
  return hint
    .replace('https://REGISTRY/', () => `https://${apiHost(registry)}/`)
    .replace('login REGISTRY', () => `login ${registry}`);
}

function registryOf(image: string): string | undefined {
  try {
    return readReference(image).registry;
  } catch {
    // Only asked for the hint: that it is no reference is its own finding.
    return undefined;
  }
}

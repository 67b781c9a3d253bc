// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ImageReport, Report } from '../../src/report/index.ts';
import { countersign } from './tools.ts';

/** What `countersign verify --output json` says of one image; its exit code must be that of the verdict. */
export async function verifyJson(reference: string, args: readonly string[]): Promise<ImageReport> {
  const ran = await countersign(['verify', reference, '--output', 'json', ...args]);
  assert.ok(ran.stdout !== '', ran.stderr);
  const [image] = (JSON.parse(ran.stdout) as Report).images;
  assert.ok(image !== undefined, ran.stdout);
  assert.equal(ran.exitCode, image.verdict === 'verified' ? 0 : image.verdict === 'rejected' ? 1 : 3);
  return image;
}

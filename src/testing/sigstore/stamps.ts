// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { SigstoreDefect } from './defects.ts';
import { flip } from './entries.ts';
import type { TimestampOptions } from './timestamp-authority.ts';
import type { World } from './world.ts';

/** Stamps a signature as often as ordered, once a second, by one authority after the other; `time` in milliseconds. */
export function stampSignature(
  world: World,
  signature: Uint8Array,
  order: { readonly count: number; readonly time: number; readonly options?: TimestampOptions | undefined },
  has: (defect: SigstoreDefect) => boolean,
): readonly Buffer[] {
  if (has('noTimestamp')) return [];
  const { timestampAuthorities } = has('foreignTsa') ? world.stranger() : world;
  const stamped = has('timestampOverOther') ? randomBytes(64) : signature;
  const { time: _, ...ordered } = order.options ?? {};
  const options = { ...ordered, ...defectOptions(has) };
  return Array.from(
    { length: order.count },
    (_, at) => timestampAuthorities[at % timestampAuthorities.length],
  ).flatMap((authority, at) => authority?.stamp(stamped, order.time + at * 1000, options) ?? []);
}

function defectOptions(has: (defect: SigstoreDefect) => boolean): Omit<TimestampOptions, 'time'> {
  return {
    ...(has('timestampBadSignature') && { spoil: flip }),
    ...(has('timestampWrongDigest') && { messageDigest: randomBytes(32) }),
    ...(has('timestampSha1') && { hash: 'sha1' }),
    ...(has('timestampRefused') && { status: 2 }),
    ...(has('tsaWrongEku') && { leaf: 'wrongEku', embed: true }),
    ...(has('tsaEkuNotCritical') && { leaf: 'notCritical', embed: true }),
  };
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AUTHORITY, holderOf } from '../../../support/authorities.ts';
import {
  authorityOf,
  root,
  signer,
  TIME,
  verifyBy,
  withLeaf,
  withoutLeaf,
} from '../../../support/timestamp-world.ts';
import { timestampSigner } from '../../../support/timestamps.ts';

describe('time', () => {
  const at = (text: string) => Date.parse(text);
  const timed = (parts: object) => timestampSigner(root, parts);
  const window = { from: at('2026-01-01T00:00:00Z'), until: at('2026-01-01T00:10:00Z') };
  const parts = { notBefore: window.from, notAfter: window.until };
  const shortLeaf = timed(parts);
  const shortRoot = holderOf('short root', { extensions: AUTHORITY, ...parts });
  const below = timestampSigner(shortRoot);

  for (const [what, authority, own] of [
    ['the window of the authority', authorityOf([signer, root], true, window), signer],
    ['the certificate of the trust root', authorityOf([shortLeaf, root], true), shortLeaf],
    ['an embedded certificate', withoutLeaf, shortLeaf],
    ['an issuer above it', authorityOf([below, shortRoot], true), below],
  ] as const) {
    for (const [time, holds] of [
      ['20251231235959Z', false],
      ['20260101000000Z', true],
      ['20260101001000Z', true],
      ['20260101001000.001Z', false],
    ] as const) {
      test(`${time} is ${holds ? 'within' : 'outside'} ${what}`, () => {
        const verify = () => verifyBy(authority, { signer: own, time });
        if (holds) assert.equal(verify().authority, authority);
        else assert.throws(verify, { code: 'TIMESTAMP_INVALID', message: /not (valid|trusted) at 202/ });
      });
    }
  }

  test('milliseconds count, finer fractions do not', () => {
    assert.equal(verifyBy(withLeaf, { time: '20260102030405.123999999Z' }).time, TIME + 123);
  });
});

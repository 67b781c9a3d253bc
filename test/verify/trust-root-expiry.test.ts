// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextExpiry } from '../../src/verify/trust-root-expiry.ts';
import { trustRootOfFiles } from '../../src/verify/trust-root-files.ts';
import { AUTHORITY, holderOf, pemOf } from '../support/authorities.ts';

const root = holderOf('root', { notAfter: Date.parse('2040-01-01T00:00:00Z'), extensions: AUTHORITY });
const issuer = holderOf('issuer', {
  issuer: root,
  notAfter: Date.parse('2030-01-01T00:00:00Z'),
  extensions: AUTHORITY,
});
const key = root.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const at = (text: string) => Date.parse(text);

test('the next end is that of a window or of the first certificate of a chain to expire', () => {
  const trusted = trustRootOfFiles('own', { certificateChain: pemOf(issuer, root), rekorKeys: [key] });
  const end = at('2030-01-01T00:00:00Z');
  assert.equal(nextExpiry(trusted, at('2026-01-01T00:00:00Z')), end);
  assert.equal(nextExpiry(trusted, end), end);
  assert.equal(nextExpiry(trusted, end + 1), undefined);

  const window = { from: 0, until: at('2027-01-01T00:00:00Z') };
  const ending = { ...trusted, logs: trusted.logs.map((log) => ({ ...log, window })) };
  assert.equal(nextExpiry(ending, at('2026-01-01T00:00:00Z')), window.until);
  assert.equal(nextExpiry(ending, at('2028-01-01T00:00:00Z')), end);
});

test('keys without an end never expire', () => {
  assert.equal(nextExpiry(trustRootOfFiles('own', { rekorKeys: [key] }), 0), undefined);
});

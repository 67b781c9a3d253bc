// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREDENTIAL_LIMITS } from '../../src/limits/credentials.ts';
import { POLICY_LIMITS } from '../../src/limits/policy.ts';
import { SIGNATURE_LIMITS } from '../../src/limits/signature.ts';
import { TRUST_LIMITS } from '../../src/limits/trust.ts';
import { LIMITS } from '../../src/limits.ts';

test('each limit stands in one file only: of two by one name the later would silently hold', () => {
  const limits: Readonly<Record<string, unknown>> = LIMITS;
  const parts = [SIGNATURE_LIMITS, TRUST_LIMITS, POLICY_LIMITS, CREDENTIAL_LIMITS].flatMap((part) =>
    Object.entries<unknown>(part),
  );
  assert.equal(new Set(parts.map(([name]) => name)).size, parts.length);
  for (const [name, bound] of parts) assert.equal(limits[name], bound, name);
});

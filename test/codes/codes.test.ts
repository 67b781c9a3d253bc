// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADMISSION_CODES } from '../../src/codes/admission.ts';
import type { CodeEntry } from '../../src/codes/entry.ts';
import { POLICY_CODES } from '../../src/codes/policy.ts';
import { REGISTRY_CODES } from '../../src/codes/registry.ts';
import { USAGE_CODES } from '../../src/codes/usage.ts';
import { VERIFICATION_CODES } from '../../src/codes/verification.ts';
import { CODES } from '../../src/errors.ts';

const TABLES = [POLICY_CODES, VERIFICATION_CODES, REGISTRY_CODES, ADMISSION_CODES, USAGE_CODES];

test('no code is in two tables, where one would silently take the place of the other', () => {
  const names = TABLES.flatMap((table) => Object.keys(table));
  assert.deepEqual(names, [...new Set(names)]);
  assert.deepEqual(Object.keys(CODES), names);
});

test('only the two codes of a policy that was met are a yes', () => {
  const yes = Object.entries(CODES).filter(([, one]) => one.class === 'verified' || one.class === 'exempt');
  assert.deepEqual(
    yes.map(([name]) => name),
    ['VERIFIED', 'EXEMPT'],
  );
});

test('a hint about signatures that speaks of an image, or of what the policy says, is for images', () => {
  const entries: [string, CodeEntry][] = Object.entries(VERIFICATION_CODES);
  const speaking = entries.filter(([, { hint }]) => /\bimage\b|\bpolicy\b(?!\.md)/i.test(hint));
  const marked = entries.filter(([, { hintIsFor }]) => hintIsFor === 'images');
  const names = new Set(marked.map(([code]) => code));
  assert.deepEqual(
    speaking.map(([code]) => code).filter((code) => !names.has(code)),
    [],
  );
  assert.ok(marked.length > 10 && marked.length < entries.length - 10);
});

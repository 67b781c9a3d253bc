// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  type CompiledPolicy,
  compilePolicies,
  compilePolicy,
  PolicyError,
  type PolicyIssue,
} from '../../src/policy/index.ts';

/** A fresh P-256 key pair; the PEM is of the public key. */
export function makeKey(): { pem: string; publicKey: KeyObject; privateKey: KeyObject } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...pair, pem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** Key files that the policies of tests may name. */
export const KEY_FILES: Readonly<Record<string, string>> = {
  'a.pub': makeKey().pem,
  'b.pub': makeKey().pem,
  'c.pub': makeKey().pem,
};

/** A document with the signers a, b, c, and what is given below it. */
export function documentOf(body: string, name = 'test'): string {
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: ${name} }
signers:
  a: { key: { file: a.pub } }
  b: { key: { file: b.pub } }
  c: { key: { file: c.pub } }
${body}`;
}

/** The number of the first line of the body in {@link documentOf}. */
export const BODY_LINE = 8;

/** The policy of {@link documentOf}. */
export function policyOf(body: string, name = 'test'): CompiledPolicy {
  return compilePolicy(documentOf(body, name), { source: 'policy.yaml', readFile });
}

/** Reads {@link KEY_FILES}. */
export function readFile(name: string): string {
  const content = KEY_FILES[name];
  if (content === undefined) throw new Error(`no such file: ${name}`);
  return content;
}

/** What is wrong with a text; an empty list where nothing is. */
export function issuesOf(text: string, read = readFile): readonly PolicyIssue[] {
  try {
    compilePolicies(text, { source: 'policy.yaml', readFile: read });
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.issues;
    throw error;
  }
}

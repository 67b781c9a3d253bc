// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { isStrongKey } from '../../src/certificate/strong-key.ts';

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).publicKey;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey;

const KEYS: readonly [string, KeyObject, kind: string, strong: boolean][] = [
  ['P-256', ec('prime256v1'), 'ec', true],
  ['P-521', ec('secp521r1'), 'ec', true],
  ['a curve that certificates are not made with', ec('secp256k1'), 'ec', false],
  ['RSA of 2048 bits', rsa(2048), 'rsa', true],
  ['RSA of 1024 bits', rsa(1024), 'rsa', false],
  ['Ed25519', generateKeyPairSync('ed25519').publicKey, 'ed25519', true],
  ['a key of another kind than the algorithm has', ec('prime256v1'), 'rsa', false],
];

for (const [name, key, kind, strong] of KEYS) {
  test(name, () => assert.equal(isStrongKey(key, kind), strong));
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { compilePolicy, type KeylessSigner, type Signer } from '../../src/policy/index.ts';
import { readFile } from './policy.ts';

/** A document with the one signer `s`, as YAML indented by four. */
export function signerDocument(signer: string): string {
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test }
signers:
  s:
    ${signer.trim().replaceAll('\n', '\n    ')}
rules: [{ name: r, images: ["**"], require: s }]
`;
}

/** The signer of {@link signerDocument}. */
export function signerOf(signer: string): Signer {
  const policy = compilePolicy(signerDocument(signer), { source: 'policy.yaml', readFile });
  const found = policy.signers.get('s');
  assert.ok(found !== undefined);
  return found;
}

/** A keyless signer of what stands under `keyless`, in flow style. */
export function keylessSignerOf(keyless: string): KeylessSigner {
  const signer = signerOf(`keyless: ${keyless}`);
  assert.ok(signer.kind === 'keyless');
  return signer;
}

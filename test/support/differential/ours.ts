// SPDX-License-Identifier: Apache-2.0
import { asCountersignError } from '../../../src/errors.ts';
import { type KeylessSigner, parsePublicKey, type Signer } from '../../../src/policy/index.ts';
import {
  artifactOfContent,
  artifactOfDigest,
  parseTrustRoot,
  readBundle,
  type TrustRoot,
  verifyReadBundle,
} from '../../../src/verify/index.ts';
import { keySigner } from '../key-signer.ts';
import type { CaseSigner, DifferentialCase, Verdict } from './case.ts';

/** Of the real bundles too: nothing but the windows of trust roots looks at it. */
const NOW = Date.UTC(2026, 10, 1);

/** What our verifier says, asked as `verify-bundle` asks it: the reason is the code. */
export function judgeOurs(one: DifferentialCase): Verdict {
  try {
    const root = rootOf(one.trustedRoot);
    const read = readBundle(one.bundle);
    const { artifact: given } = one;
    const artifact = typeof given === 'string' ? artifactOfDigest(given) : artifactOfContent(given);
    const signer = signerOf(one.signer, read.bundle.logEntries.length > 0);
    verifyReadBundle(read, signer, artifact, NOW, { fingerprint: '', roots: new Map([['default', root]]) });
    return { accepts: true, reason: 'VERIFIED' };
  } catch (error) {
    return { accepts: false, reason: asCountersignError(error).code };
  }
}

/** A signer as `verify-bundle` makes it of its arguments: a key is held against the log where the bundle has an entry. */
function signerOf(signer: CaseSigner, isLogged: boolean): Signer {
  if ('key' in signer) {
    const key = { ...parsePublicKey(signer.key), source: 'cosign.pub' };
    const demands = { logEntries: isLogged ? 1 : 0, timestamps: 0, scts: 0, unsafeNoTime: false };
    return keySigner('the signer', [key], { demands });
  }
  const { identity, issuer } = signer;
  const keyless: KeylessSigner = {
    kind: 'keyless',
    name: 'the signer',
    annotations: {},
    trustRoot: 'default',
    issuer: exactly(issuer),
    subject: { ...exactly(identity), kinds: ['uri', 'email', 'otherName', 'dns'] },
    claims: [],
    demands: { logEntries: 1, timestamps: 0, scts: 1, unsafeNoTime: false },
  };
  return keyless;
}

function exactly(text: string) {
  return { text, matches: (value: string) => value === text };
}

const ROOTS = new WeakMap<Uint8Array, TrustRoot>();

function rootOf(json: Uint8Array): TrustRoot {
  const root = ROOTS.get(json) ?? parseTrustRoot('default', json);
  ROOTS.set(json, root);
  return root;
}

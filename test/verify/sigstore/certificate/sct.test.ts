// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import { suite, test } from 'node:test';
import * as der from '../../../../src/certificate/der.ts';
import type { Certificate } from '../../../../src/certificate/x509.ts';
import { LIMITS } from '../../../../src/limits.ts';
import { verifyChain } from '../../../../src/verify/sigstore/certificate/chain.ts';
import { countScts } from '../../../../src/verify/sigstore/certificate/sct.ts';
import type { TrustRoot } from '../../../../src/verify/trust-root.ts';
import { CODE_SIGNING, extension, NOT_BEFORE } from '../../../support/certificates.ts';
import { makeAuthority, makeLeaf } from '../../../support/issue-certificates.ts';
import { logOf, vectorLeaf, vectorRoot } from '../../../support/trust-root-vectors.ts';
import { skipWithoutVectors as skip } from '../../../support/vectors.ts';

const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
const BEFORE = extension('1.2.3', Buffer.of(5, 0));
const BEHIND = extension('1.2.4', Buffer.of(5, 0));

const issuing = makeAuthority('issuing');
const other = makeAuthority('issuing');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const log = logOf(ec.publicKey);
const serial = { keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }) };

const vector = (bytes: Uint8Array, width = 2) => {
  const length = Buffer.alloc(width);
  length.writeUIntBE(bytes.length, 0, width);
  return Buffer.concat([length, bytes]);
};

type SctParts = {
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly tbs?: Uint8Array;
  readonly issuer?: Certificate;
  readonly timestamp?: number;
  readonly extensions?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly version?: number;
};

const precertificate = makeLeaf(issuing, {
  ...serial,
  extensions: [BEFORE, CODE_SIGNING, BEHIND],
}).certificate;

function sctOf(parts: SctParts = {}): Buffer {
  const { keys = ec, tbs = precertificate.tbs, issuer = issuing.certificate, version = 0 } = parts;
  const { timestamp = NOT_BEFORE, extensions = Buffer.alloc(0), algorithm = Buffer.of(4, 3) } = parts;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timestamp));
  const rest = vector(extensions);
  const entry = Buffer.concat([Buffer.of(0, 1), hash('sha256', issuer.spki, 'buffer'), vector(tbs, 3)]);
  const signature = sign('sha256', Buffer.concat([Buffer.of(0, 0), time, entry, rest]), keys.privateKey);
  const id = Buffer.from(logOf(keys.publicKey).id, 'hex');
  return Buffer.concat([Buffer.of(version), id, time, rest, algorithm, vector(signature)]);
}

const listOf = (...scts: readonly Uint8Array[]) =>
  der.octetString(vector(Buffer.concat(scts.map((sct) => vector(sct)))));

/** The certificate that follows the precertificate, with this as its list of timestamps. */
const leafWith = (list: Uint8Array) =>
  makeLeaf(issuing, { ...serial, extensions: [BEFORE, extension(SCT_LIST, list), CODE_SIGNING, BEHIND] })
    .certificate;

const count = (list: Uint8Array, ...logs: readonly (typeof log)[]) =>
  countScts(leafWith(list), issuing.certificate, logs);

suite('countScts', () => {
  test('counts logs: each once, with their extensions, of both kinds of key', () => {
    assert.equal(count(listOf(sctOf()), log), 1);
    assert.equal(count(listOf(sctOf(), sctOf({ timestamp: NOT_BEFORE + 1 })), log), 1);
    assert.equal(count(listOf(sctOf({ extensions: Buffer.of(0, 0, 5, 1, 2, 3, 4, 5) })), log), 1);
    const byRsa = sctOf({ keys: rsa, algorithm: Buffer.of(4, 1) });
    assert.equal(count(listOf(sctOf(), byRsa), logOf(rsa.publicKey), log), 2);
    assert.equal(count(listOf(sctOf({ version: 1 }), sctOf()), log), 1);
  });

  const NO_EXTENSIONS = (parts: readonly Uint8Array[]) => parts.slice(0, 7);
  const OTHERS = [BEFORE, CODE_SIGNING, BEHIND];
  for (const [where, others, at] of [
    ['first', OTHERS, 0],
    ['last', OTHERS, 3],
    ['the only extension', [], 0],
  ] as const) {
    test(`counts them where the list is ${where}`, () => {
      const without = others.length > 0 ? { extensions: others } : { change: NO_EXTENSIONS };
      const before = makeLeaf(issuing, { ...serial, ...without }).certificate;
      const list = extension(SCT_LIST, listOf(sctOf({ tbs: before.tbs })));
      const leaf = makeLeaf(issuing, { ...serial, extensions: others.toSpliced(at, 0, list) }).certificate;
      assert.equal(countScts(leaf, issuing.certificate, [log]), 1);
    });
  }

  test('finds none in a certificate without timestamps', () => {
    assert.equal(countScts(precertificate, issuing.certificate, [log]), 0);
  });

  const changed = sctOf();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const another = makeLeaf(issuing, { extensions: [BEFORE, CODE_SIGNING, BEHIND] }).certificate;
  const NOT_COUNTED: Readonly<Record<string, Uint8Array>> = {
    'a log that nobody knows': sctOf({ keys: generateKeyPairSync('ec', { namedCurve: 'P-256' }) }),
    'another precertificate': sctOf({ tbs: another.tbs }),
    'a precertificate of another issuer': sctOf({ issuer: other.certificate }),
    'a time before the window of the log': sctOf({ timestamp: NOT_BEFORE - 1 }),
    'a time behind the window of the log': sctOf({ timestamp: NOT_BEFORE + 11 }),
    'another signature': changed,
    'an algorithm that is not that of the key': sctOf({ algorithm: Buffer.of(4, 1) }),
  };
  const windowed = logOf(ec.publicKey, { from: NOT_BEFORE, until: NOT_BEFORE + 10 });
  for (const [what, sct] of Object.entries(NOT_COUNTED)) {
    test(`does not count a timestamp of ${what}`, () => assert.equal(count(listOf(sct), windowed), 0));
  }

  test('counts the ends of a window, and finds the window among several of one log', () => {
    for (const timestamp of [NOT_BEFORE, NOT_BEFORE + 10]) {
      assert.equal(count(listOf(sctOf({ timestamp })), windowed), 1);
    }
    const earlier = logOf(ec.publicKey, { from: 0, until: 1 });
    assert.equal(count(listOf(sctOf()), earlier, windowed), 1);
  });

  const BAD: Readonly<Record<string, Uint8Array>> = {
    'no DER': vector(vector(sctOf())),
    'no timestamp': listOf(),
    'an empty timestamp': listOf(Buffer.alloc(0)),
    'a timestamp of another version only': listOf(sctOf({ version: 1 })),
    'bytes behind the list': der.octetString(Buffer.concat([vector(vector(sctOf())), Buffer.of(0)])),
    'a list that is cut off': der.octetString(vector(vector(sctOf())).subarray(0, -1)),
    'a timestamp that is cut off': listOf(sctOf().subarray(0, -1)),
    'bytes behind a timestamp': listOf(Buffer.concat([sctOf(), Buffer.of(0)])),
    'SHA-1': listOf(sctOf({ algorithm: Buffer.of(2, 3) })),
  };
  for (const [what, list] of Object.entries(BAD)) {
    test(`refuses a list with ${what}`, () => {
      assert.throws(() => count(list, log), { code: 'SCT_INVALID' });
    });
  }

  test('refuses more than allowed', () => {
    const many = Array.from({ length: LIMITS.certificateTimestamps + 1 }, () => sctOf());
    assert.throws(() => count(listOf(...many), log), { code: 'LIMIT_EXCEEDED' });
  });
});

suite('timestamps of real certificates', { skip }, () => {
  const counted = (leaf: Certificate, root: TrustRoot) => {
    const issuer = verifyChain(leaf, root)[0]?.chain[0];
    return issuer && countScts(leaf, issuer, root.certificateLogs);
  };
  const folder = (name: string, ...file: string[]) => ['conformance', name, ...file] as const;
  const publicGood = () => vectorRoot('trust', 'targets', 'trusted_root.json');

  test('are counted, those of a static log with their extensions', () => {
    const happy = vectorLeaf(...folder('happy-path-v0.3', 'bundle.sigstore.json'));
    assert.equal(counted(happy, publicGood()), 1);
    const name = 'bundle-with-sct-with-extensions';
    const own = vectorRoot(...folder(name, 'trusted_root.json'));
    assert.equal(counted(vectorLeaf(...folder(name, 'bundle.sigstore.json')), own), 1);
    const local = vectorRoot('local-sigstore', 'trusted-root.json');
    assert.equal(counted(vectorLeaf('local-sigstore', 'github-keyless-sct.bundle.json'), local), 1);
  });

  test('are not counted with another key for the log', () => {
    const name = 'invalid-ct-key_fail';
    const leaf = vectorLeaf(...folder(name, 'bundle.sigstore.json'));
    assert.equal(counted(leaf, vectorRoot(...folder(name, 'trusted_root.json'))), 0);
  });
});

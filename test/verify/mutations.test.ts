// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CODES } from '../../src/errors.ts';
import { digestOf } from '../../src/image/digest.ts';
import { makeLegacyPayload } from '../../src/testing/index.ts';
import { type Candidate, verifyCandidate } from '../../src/verify/index.ts';
import {
  bundleCandidate,
  bundleOf,
  expectVerified,
  IMAGE,
  layerCandidate,
  legacyCandidate,
  MANIFEST,
  NOW,
  sharedKey,
  signerOf,
  trusted,
} from '../support/verification.ts';

// Whoever can push to the registry can change any byte of a signature that holds: every change must be
// rejected, with a code, unless a test says why it may pass.

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const key = sharedKey();
const signer = signerOf([trusted(key)]);

/** Demands that the mutant is refused because of what it is, not because of a defect of ours. */
function refuse(candidate: Candidate, what: string): void {
  const { status, code, evidence, message } = verifyCandidate(candidate, signer, IMAGE, NOW);
  assert.equal(status, 'rejected', `${what}: ${code} ${message}`);
  assert.equal(CODES[code].class, 'rejected', what);
  assert.equal(evidence, undefined, what);
}

/** Every copy of the bytes that differs in one bit, or lacks a byte, or has one twice. */
function* mutantsOf(bytes: Uint8Array): Generator<{ what: string; at: number; mutant: Buffer }> {
  for (let at = 0; at < bytes.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const mutant = Buffer.from(bytes);
      mutant.writeUInt8(mutant.readUInt8(at) ^ (1 << bit), at);
      yield { what: `bit ${bit} of byte ${at}`, at, mutant };
    }
    yield {
      what: `without byte ${at}`,
      at,
      mutant: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
    };
    yield {
      what: `byte ${at} twice`,
      at,
      mutant: Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)]),
    };
  }
}

/** Every copy of the JSON value in which one field or entry is gone, or something else. */
function* editsOf(value: unknown, path: string[] = []): Generator<{ path: string; edited: unknown }> {
  if (path.length > 0) {
    for (const other of [null, 0, '', 'x', [], {}, [value], { x: value }])
      yield { path: path.join('.'), edited: other };
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, content] of Object.entries(value)) {
    const without = Object.entries(value).filter(([one]) => one !== name);
    const remake = (entries: [string, unknown][]) =>
      Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
    yield { path: [...path, name].join('.'), edited: remake(without) };
    if (!Array.isArray(value)) {
      yield { path: [...path, name].join('.'), edited: remake([...without, [`${name}2`, content]]) };
    }
    for (const { path: deeper, edited } of editsOf(content, [...path, name])) {
      yield { path: deeper, edited: remake([...without, [name, edited]]) };
    }
  }
}

suite('a legacy signature', () => {
  const good = legacyCandidate(key, { annotations: { env: 'prod' } });
  const text = good.annotations[SIGNATURE] ?? '';
  const signature = Buffer.from(text, 'base64');
  const signed = (payload: Uint8Array, signatureText: string) =>
    layerCandidate(payload, { [SIGNATURE]: signatureText });

  test('holds as it is', () => {
    expectVerified(signed(good.payload, text), signer);
  });

  test('any bit, any byte of the payload', () => {
    for (const { what, mutant } of mutantsOf(good.payload)) refuse(signed(mutant, text), what);
  });

  test('any bit, any byte of the signature', () => {
    for (const { what, mutant } of mutantsOf(signature))
      refuse(signed(good.payload, mutant.toString('base64')), what);
  });

  test('any character of its text', () => {
    for (const { what, mutant } of mutantsOf(Buffer.from(text)))
      refuse(signed(good.payload, mutant.toString()), what);
  });

  test('bytes before or after the payload', () => {
    for (const more of [' ', '\n', '\0', '{}']) {
      refuse(signed(Buffer.concat([good.payload, Buffer.from(more)]), text), 'after');
      refuse(signed(Buffer.concat([Buffer.from(more), good.payload]), text), 'before');
    }
  });

  test('payload and signature of two that hold, crossed', () => {
    const other = legacyCandidate(key, { dockerReference: 'registry.example/acme/other' });
    refuse(signed(other.payload, text), 'the payload of another');
    refuse(signed(good.payload, other.annotations[SIGNATURE] ?? ''), 'the signature of another');
    const elsewhere = legacyCandidate(key, { digest: digestOf(Buffer.from('x')) });
    refuse(elsewhere, 'for another image');
    refuse(signed(good.payload, elsewhere.annotations[SIGNATURE] ?? ''), 'the signature for another image');
  });

  test('fields of the payload, edited', () => {
    const payload: unknown = JSON.parse(Buffer.from(good.payload).toString());
    for (const { path, edited } of editsOf(payload))
      refuse(signed(Buffer.from(JSON.stringify(edited)), text), path);
  });

  test('may pass: the other of the two ECDSA signatures that every one has, since keys are counted', () => {
    expectVerified(signed(good.payload, otherRoot(signature).toString('base64')), signer);
  });

  test('may pass: annotations that say nothing about a key', () => {
    const more = { 'dev.sigstore.cosign/bundle': '{', 'dev.sigstore.cosign/chain': 'x', predicateType: 'y' };
    expectVerified(layerCandidate(good.payload, { ...good.annotations, ...more }), signer);
  });
});

/** ECDSA holds for s and for n - s alike (P-256). */
function otherRoot(der: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const rLength = der.readUInt8(3);
  const r = der.subarray(4, 4 + rLength);
  const s = der.subarray(6 + rLength);
  const digits = (order - BigInt(`0x${s.toString('hex')}`)).toString(16);
  const even = digits.padStart(digits.length + (digits.length % 2), '0');
  const bytes = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex');
  const body = Buffer.concat([Buffer.of(2, r.length), r, Buffer.of(2, bytes.length), bytes]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

for (const [what, good] of Object.entries({
  'a bundle': bundleCandidate(key, { annotations: { env: 'prod' } }),
  'a bundle over the manifest': bundleCandidate(key, { message: MANIFEST }),
})) {
  suite(what, () => {
    const text = Buffer.from(good.bytes).toString();
    const hint = JSON.parse(text).verificationMaterial.publicKey.hint;
    const hintAt = text.indexOf(hint);
    const version = text.indexOf('v0.3') + 'v0.'.length;
    /** May pass: the hint, which nobody believes, and the version, since all of them read alike without a log. */
    const isFree = (at: number) => (at >= hintAt && at < hintAt + hint.length) || at === version;

    test('holds as it is', () => {
      expectVerified(good, signer);
    });

    test('any bit, any byte', () => {
      for (const { what, at, mutant } of mutantsOf(good.bytes)) {
        if (!isFree(at)) refuse(bundleOf(mutant), what);
      }
    });

    test('any field, gone, renamed or something else', () => {
      for (const { path, edited } of editsOf(JSON.parse(text))) {
        if (path === 'verificationMaterial.publicKey.hint') continue;
        const isHintless =
          path === 'verificationMaterial.publicKey' && JSON.stringify(edited).includes('"publicKey":{}');
        // The digest in a message signature is a hint too: where it is left out, the signature decides.
        const isDigestless = path === 'messageSignature.messageDigest' && isSilent(edited);
        if (isHintless || isDigestless) expectVerified(bundleOf(JSON.stringify(edited)), signer);
        else refuse(bundleOf(JSON.stringify(edited)), `${path}: ${JSON.stringify(edited)}`);
      }
    });

    test('any field twice', () => {
      for (const name of text.matchAll(/"([A-Za-z0-9]+)":/g)) {
        const twice = `${text.slice(0, name.index)}"${name[1]}":null,${text.slice(name.index)}`;
        refuse(bundleOf(twice), `${name[1]} twice`);
      }
    });

    test('any two strings, swapped', () => {
      const strings: string[] = [];
      JSON.parse(text, (_, value) => {
        if (typeof value === 'string') strings.push(value);
        return value;
      });
      assert.ok(strings.length >= 4, 'strings found');
      for (const [at, one] of strings.entries()) {
        for (const other of strings.slice(at + 1)) {
          const swap = (_: string, value: unknown) => (value === one ? other : value === other ? one : value);
          refuse(bundleOf(JSON.stringify(JSON.parse(text, swap))), `${one} and ${other}`);
        }
      }
    });

    test('may pass: another hint, another version, white space between tokens', () => {
      const loose = JSON.stringify(JSON.parse(text), null, 2);
      for (const free of [text.replace(hint, ''), text.replace('v0.3', 'v0.1'), loose, `\n${text} `]) {
        expectVerified(bundleOf(free), signer);
      }
    });
  });
}

function isSilent(edited: unknown): boolean {
  const { messageSignature } = edited as {
    messageSignature?: { messageDigest?: unknown; signature?: unknown };
  };
  const fields = Object.keys(messageSignature ?? {}).join();
  return (
    fields === 'signature' ||
    (fields === 'signature,messageDigest' && messageSignature?.messageDigest === null)
  );
}

suite('the parts of two bundles that hold, crossed', () => {
  const here = JSON.parse(bundleCandidate(key).bytes.toString());
  const there = JSON.parse(bundleCandidate(key, { digest: digestOf(Buffer.from('x')) }).bytes.toString());
  const message = JSON.parse(bundleCandidate(key, { message: MANIFEST }).bytes.toString());
  const stranger = JSON.parse(bundleCandidate(sharedKey('ecdsa-p256', 'other')).bytes.toString());

  const crossed: Record<string, unknown> = {
    'the envelope for another image': { ...here, dsseEnvelope: there.dsseEnvelope },
    'the payload for another image': {
      ...here,
      dsseEnvelope: { ...here.dsseEnvelope, payload: there.dsseEnvelope.payload },
    },
    'the signature for another image': {
      ...here,
      dsseEnvelope: { ...here.dsseEnvelope, signatures: there.dsseEnvelope.signatures },
    },
    'the signature of another key': {
      ...here,
      dsseEnvelope: { ...here.dsseEnvelope, signatures: stranger.dsseEnvelope.signatures },
    },
    'both signatures, good first': {
      ...here,
      dsseEnvelope: {
        ...here.dsseEnvelope,
        signatures: [...here.dsseEnvelope.signatures, ...stranger.dsseEnvelope.signatures],
      },
    },
    'both signatures, good last': {
      ...here,
      dsseEnvelope: {
        ...here.dsseEnvelope,
        signatures: [...stranger.dsseEnvelope.signatures, ...here.dsseEnvelope.signatures],
      },
    },
    'the same signature twice': {
      ...here,
      dsseEnvelope: {
        ...here.dsseEnvelope,
        signatures: [...here.dsseEnvelope.signatures, ...here.dsseEnvelope.signatures],
      },
    },
    'envelope and message signature, both good': { ...here, messageSignature: message.messageSignature },
  };
  for (const [what, bundle] of Object.entries(crossed)) {
    test(what, () => refuse(bundleOf(JSON.stringify(bundle)), what));
  }

  test("a legacy payload and its signature in an envelope, and an envelope's in a layer", () => {
    const legacy = legacyCandidate(key);
    const dsseEnvelope = {
      ...here.dsseEnvelope,
      payload: Buffer.from(legacy.payload).toString('base64'),
      signatures: [{ sig: legacy.annotations[SIGNATURE] }],
    };
    refuse(bundleOf(JSON.stringify({ ...here, dsseEnvelope })), 'a legacy payload');
    const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
    refuse(
      layerCandidate(payload, { [SIGNATURE]: here.dsseEnvelope.signatures[0].sig }),
      'a signature over a statement',
    );
    const statement = Buffer.from(here.dsseEnvelope.payload, 'base64');
    refuse(
      layerCandidate(statement, { [SIGNATURE]: here.dsseEnvelope.signatures[0].sig }),
      'a statement in a layer',
    );
  });
});

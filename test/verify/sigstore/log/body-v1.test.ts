// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { suite, test } from 'node:test';
import { demandBodyV1 } from '../../../../src/verify/sigstore/log/body-v1.ts';
import type { LoggedContent } from '../../../../src/verify/sigstore/logged-content.ts';
import {
  aMessage,
  anEnvelope,
  base64,
  byCertificate,
  byKey,
  type Envelope,
  pemOf,
  recordOf,
} from '../../../support/logged-content.ts';

const mismatch = { code: 'LOG_ENTRY_MISMATCH' };
const refuse = (type: string, spec: unknown, content: LoggedContent, because?: string) =>
  assert.throws(() => demandBodyV1({ type, spec }, content), mismatch, because);
const sha256 = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: hash('sha256', bytes) });

/** What Rekor makes of each kind. */
const dsse = ({ signature, verifier, payload, envelope }: Envelope) => ({
  envelopeHash: sha256(envelope ?? Buffer.from('not known')),
  payloadHash: sha256(payload),
  signatures: [{ signature: base64(signature), verifier: pemOf(verifier) }],
});
const intoto = ({ signature, verifier, payload, payloadType }: Envelope) => ({
  content: {
    envelope: { payloadType, signatures: [{ sig: base64(base64(signature)), publicKey: pemOf(verifier) }] },
    hash: sha256(Buffer.from('other JSON')),
    payloadHash: sha256(payload),
  },
});
const intotoHash = ({ verifier, payload, envelope }: Envelope) => ({
  content: { hash: sha256(envelope ?? Buffer.alloc(0)), payloadHash: sha256(payload) },
  publicKey: pemOf(verifier),
});

const JSON_BYTES = Buffer.from('{"payload":"…"}');

/** The same with one field of it another, or absent. */
function changed(value: unknown, path: readonly (string | number)[], to: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return to;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[name] = changed(copy[name], rest, to);
  return copy;
}

for (const verifier of [byCertificate(), byKey('ec'), byKey('ed25519')]) {
  const [message, envelope] = [aMessage(verifier), anEnvelope(verifier)];
  const legacy = anEnvelope(verifier, JSON_BYTES);
  const label = `by ${verifier.kind} (${verifier.key.asymmetricKeyType})`;
  for (const [type, content, spec, paths] of [
    [
      'hashedrekord 0.0.1',
      message,
      recordOf(message),
      [
        ['signature', 'content'],
        ['signature', 'publicKey', 'content'],
        ['data', 'hash', 'value'],
        ['data', 'hash', 'algorithm'],
      ],
    ],
    [
      'rekord 0.0.1',
      message,
      recordOf(message),
      [
        ['signature', 'content'],
        ['signature', 'format'],
        ['signature', 'publicKey', 'content'],
        ['data', 'hash', 'value'],
        ['data', 'hash', 'algorithm'],
      ],
    ],
    [
      'dsse 0.0.1',
      envelope,
      dsse(envelope),
      [
        ['signatures'],
        ['signatures', 0, 'signature'],
        ['signatures', 0, 'verifier'],
        ['payloadHash', 'value'],
        ['payloadHash', 'algorithm'],
      ],
    ],
    [
      'dsse 0.0.1',
      legacy,
      dsse(legacy),
      [['envelopeHash', 'value'], ['envelopeHash', 'algorithm'], ['envelopeHash']],
    ],
    [
      'intoto 0.0.2',
      envelope,
      intoto(envelope),
      [
        ['content', 'envelope', 'signatures'],
        ['content', 'envelope', 'signatures', 0, 'sig'],
        ['content', 'envelope', 'signatures', 0, 'publicKey'],
        ['content', 'envelope', 'payloadType'],
        ['content', 'payloadHash', 'value'],
        ['content', 'payloadHash', 'algorithm'],
      ],
    ],
    [
      'intoto 0.0.1',
      legacy,
      intotoHash(legacy),
      [
        ['content', 'hash', 'value'],
        ['content', 'hash', 'algorithm'],
        ['content', 'payloadHash', 'value'],
        ['publicKey'],
      ],
    ],
  ] as const) {
    suite(`${type} ${label}`, () => {
      test('is about what it was made of', () => demandBodyV1({ type, spec }, content));
      for (const path of paths) {
        test(`${path.join('.')} is compared`, () => {
          const other = base64('something else entirely');
          for (const to of [other, base64(other), '', undefined, null, 7, {}, [], [{}, {}]]) {
            refuse(type, changed(spec, path, to), content, JSON.stringify(to));
          }
        });
      }
    });
  }
}

suite('a body of Rekor v1', () => {
  const verifier = byCertificate();
  const message = aMessage(verifier);
  const envelope = anEnvelope(verifier);

  test('may name the content by a longer digest, and in capitals', () => {
    for (const name of ['sha384', 'sha512'] as const) {
      demandBodyV1({ type: 'hashedrekord 0.0.1', spec: recordOf(message, name) }, message);
    }
    const { value } = recordOf(message).data.hash;
    const spec = changed(recordOf(message), ['data', 'hash', 'value'], value.toUpperCase());
    demandBodyV1({ type: 'hashedrekord 0.0.1', spec }, message);
  });

  test('may not name it by a digest that nobody knows of it', () => {
    refuse('hashedrekord 0.0.1', recordOf(message), { ...message, digest: () => undefined });
    refuse('hashedrekord 0.0.1', changed(recordOf(message), ['data', 'hash', 'algorithm'], 'sha1'), message);
  });

  for (const [name, of] of [
    ['another certificate', byCertificate()],
    [
      'the key of the certificate',
      { kind: 'key', spki: verifier.key.export({ type: 'spki', format: 'der' }) },
    ],
  ] as const) {
    test(`is refused with ${name}`, () => {
      const other = { ...verifier, ...of } as typeof verifier;
      refuse('hashedrekord 0.0.1', recordOf({ ...message, verifier: other }), message);
      refuse('dsse 0.0.1', dsse({ ...envelope, verifier: other }), envelope);
    });
  }

  test('may have another end of line in its PEM, and nothing beside it', () => {
    const pem = Buffer.from(pemOf(verifier), 'base64').toString();
    const path = ['signature', 'publicKey', 'content'];
    for (const text of [pem.trimEnd(), `${pem}\n`, pem.replaceAll('\n', '\r\n')]) {
      demandBodyV1(
        { type: 'hashedrekord 0.0.1', spec: changed(recordOf(message), path, base64(text)) },
        message,
      );
    }
    for (const text of [
      pem + pem,
      `x\n${pem}`,
      pem.replaceAll('CERTIFICATE', 'PUBLIC KEY'),
      pem.slice(0, 40),
    ]) {
      refuse('hashedrekord 0.0.1', changed(recordOf(message), path, base64(text)), message);
    }
  });

  test('has exactly one signature', () => {
    const [one] = dsse(envelope).signatures;
    refuse('dsse 0.0.1', { ...dsse(envelope), signatures: [one, one] }, envelope);
  });

  test('without a signature needs the envelope as it was logged', () => {
    refuse('intoto 0.0.1', intotoHash(anEnvelope(verifier, JSON_BYTES)), envelope);
    const { content, publicKey } = intotoHash(anEnvelope(verifier, JSON_BYTES));
    const spec = { content: { hash: content.hash }, publicKey };
    demandBodyV1({ type: 'intoto 0.0.1', spec }, anEnvelope(verifier, JSON_BYTES));
  });

  test('is of a kind that goes with the content, and with Rekor v1', () => {
    for (const type of ['dsse 0.0.1', 'intoto 0.0.1', 'intoto 0.0.2']) refuse(type, dsse(envelope), message);
    for (const type of ['hashedrekord 0.0.1', 'rekord 0.0.1']) refuse(type, recordOf(message), envelope);
    for (const type of ['hashedrekord 0.0.2', 'dsse 0.0.2', 'rpm 0.0.1', 'toString', '__proto__', '']) {
      refuse(type, recordOf(message), message, type);
      refuse(type, dsse(envelope), envelope, type);
    }
  });
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createTestKey, makeStatement, type TrustedRootJson } from '../../src/testing/index.ts';
import {
  changed,
  entriesOf,
  judge,
  KEY,
  MESSAGE,
  NOBODY,
  NOW,
  rootWith,
  type Situation,
  STATEMENT,
  signed,
  WORLD,
  withoutCheckpoint,
} from '../support/situations.ts';

const HOUR = 3_600_000;
const inRekor1 = { content: MESSAGE, log: 'v1' } as const;
const record = { content: STATEMENT, key: KEY, log: 'v2' } as const;
const ended = { windows: { timestampAuthority: { start: NOW - HOUR, end: NOW - 1 } } };

/** The first bundle with the envelope of the other, or its signature alone. */
function withEnvelope(bundle: Buffer, other: Buffer, what: 'envelope' | 'signature'): Buffer {
  const { dsseEnvelope } = JSON.parse(other.toString());
  return changed(bundle, (json) => {
    if (what === 'envelope') json.dsseEnvelope = dsseEnvelope;
    else Object.assign(json.dsseEnvelope ?? {}, { signatures: dsseEnvelope.signatures });
  });
}

/** The statement with another type, or none. */
function typed(type?: string): Buffer {
  const statement = { ...JSON.parse(STATEMENT.statement.toString()), _type: type };
  return signed({ content: { statement: JSON.stringify(statement) }, key: KEY, log: 'v2' });
}

/** A second timestamp by the true authority over the same signature, later by so much. */
function stampedAgain(later: number): Buffer {
  return changed(signed({ content: MESSAGE }), ({ messageSignature, verificationMaterial }) => {
    const { rfc3161Timestamps } = timestampsOf(verificationMaterial);
    const signature = Buffer.from(messageSignature?.signature ?? '', 'base64');
    const again = WORLD.timestampAuthorities[0]?.stamp(signature, NOW + later);
    rfc3161Timestamps.push({ signedTimestamp: again?.toString('base64') });
  });
}

function timestampsOf(material: Record<string, unknown>) {
  return material['timestampVerificationData'] as { rfc3161Timestamps: object[] };
}

/** The window of the first of these without its start. */
const undated = (name: 'tlogs' | 'ctlogs' | 'certificateAuthorities' | 'timestampAuthorities') =>
  rootWith((root: TrustedRootJson) => {
    const [first] = root[name];
    const holder = (name.endsWith('logs') ? first?.['publicKey'] : first) as Record<string, unknown>;
    holder['validFor'] = { end: '2099-01-01T00:00:00Z' };
  });

const SITUATIONS: Readonly<Record<string, Situation & { readonly code: string; readonly exit?: 2 }>> = {
  'a statement without a type': { bundle: typed(), by: 'key', code: 'PAYLOAD_MALFORMED' },
  'a statement of a type to come': {
    bundle: typed('https://in-toto.io/Statement/v2'),
    by: 'key',
    code: 'PAYLOAD_MALFORMED',
  },
  'an envelope that Rekor v1 has as a hashedrekord': {
    bundle: signed({ content: STATEMENT, log: 'v1', entry: 'hashedrekord 0.0.1' }),
    code: 'LOG_ENTRY_MISMATCH',
  },
  'a record of an envelope, and another signature of it by the same key': {
    bundle: withEnvelope(signed(record), signed(record), 'signature'),
    by: 'key',
    code: 'LOG_ENTRY_MISMATCH',
  },
  'a record of an envelope, and another envelope of the same key': {
    bundle: withEnvelope(
      signed({ ...record, content: { statement: makeStatement({ digest: `sha256:${'0'.repeat(64)}` }) } }),
      signed(record),
      'envelope',
    ),
    by: 'key',
    code: 'LOG_ENTRY_MISMATCH',
  },
  'a record of an envelope, and the signature of another key': {
    bundle: withEnvelope(signed(record), signed({ ...record, key: createTestKey() }), 'signature'),
    by: 'key',
    code: 'SIGNATURE_INVALID',
  },
  'an entry of Rekor v2 that is a dsse 0.0.2': {
    bundle: changed(signed({ content: STATEMENT }), (bundle) => {
      const body = { apiVersion: '0.0.2', kind: 'dsse', spec: { dsseV002: {} } };
      for (const entry of entriesOf(bundle)) {
        entry['kindVersion'] = { kind: 'dsse', version: '0.0.2' };
        entry['canonicalizedBody'] = Buffer.from(JSON.stringify(body)).toString('base64');
      }
    }),
    code: 'LOG_ENTRY_MISMATCH',
  },
  'the entry of another signature of the same artifact': {
    bundle: changed(signed(inRekor1), ({ verificationMaterial }) => {
      const { tlogEntries } = JSON.parse(signed(inRekor1).toString()).verificationMaterial;
      Object.assign(verificationMaterial, { tlogEntries });
    }),
    code: 'LOG_ENTRY_MISMATCH',
  },
  'the bundle that older versions of cosign wrote': {
    bundle:
      '{"base64Signature":"MEQ=","cert":"LS0t","rekorBundle":{"SignedEntryTimestamp":"MEQ=","Payload":{}}}',
    code: 'BUNDLE_MALFORMED',
  },
  'a digest that is not that of the message': {
    bundle: signed({ ...inRekor1, defects: ['tamperedContent'] }),
    code: 'PAYLOAD_DIGEST_MISMATCH',
  },
  'two timestamps, the second after the certificate ended': {
    bundle: stampedAgain(HOUR),
    code: 'CERTIFICATE_NOT_VALID_THEN',
  },
  'a timestamp after the certificate ended': {
    bundle: signed({ content: MESSAGE, defects: ['lateTimestamp'] }),
    code: 'CERTIFICATE_NOT_VALID_THEN',
  },
  'a timestamp after the certificate ended, beside a true entry of Rekor v1': {
    bundle: signed({ ...inRekor1, timestamps: 1, defects: ['lateTimestamp'] }),
    code: 'CERTIFICATE_NOT_VALID_THEN',
  },
  'a timestamp of an authority that is not trusted any more': {
    bundle: signed({ content: MESSAGE }),
    root: WORLD.trustedRoot(ended),
    code: 'TIMESTAMP_INVALID',
  },
  'a timestamp of an authority that is not trusted any more, while one without certificates is': {
    bundle: signed({ content: MESSAGE }),
    root: rootWith(({ timestampAuthorities }) => timestampAuthorities.push(NOBODY), ended),
    code: 'TIMESTAMP_INVALID',
  },
  'no timestamp authority but one without certificates': {
    bundle: signed({ content: MESSAGE }),
    root: rootWith((root) => {
      root.timestampAuthorities = [NOBODY];
    }),
    code: 'TIME_UNPROVEN',
  },
  'no authority but one without certificates': {
    bundle: signed({ content: MESSAGE }),
    root: rootWith((root) => {
      root.certificateAuthorities = [NOBODY];
    }),
    code: 'CERTIFICATE_UNTRUSTED',
  },
  'a promise, and a proof without a checkpoint, in v0.2': {
    bundle: changed(signed({ ...inRekor1, version: '0.2' }), withoutCheckpoint),
    code: 'BUNDLE_MALFORMED',
  },
  'the same timestamp twice': {
    bundle: changed(signed({ content: MESSAGE }), ({ verificationMaterial }) => {
      const { rfc3161Timestamps } = timestampsOf(verificationMaterial);
      rfc3161Timestamps.push(...rfc3161Timestamps);
    }),
    code: 'BUNDLE_MALFORMED',
  },
  'a key and an identity': {
    bundle: signed({ content: MESSAGE, key: KEY, log: 'v2' }),
    by: 'both',
    code: 'USAGE',
    exit: 2,
  },
  ...Object.fromEntries(
    (['tlogs', 'ctlogs', 'certificateAuthorities', 'timestampAuthorities'] as const).map((name) => [
      `a window without a start, in ${name}`,
      { bundle: signed({ content: MESSAGE }), root: undated(name), code: 'TRUST_ROOT_INVALID', exit: 2 },
    ]),
  ),
};

suite('rejected, by the file and by its digest, and for this very reason', () => {
  for (const [name, { code, exit = 1, ...situation }] of Object.entries(SITUATIONS)) {
    test(name, async () => {
      const found = await judge(situation);
      assert.deepEqual([found.exit, found.code], [exit, code], found.text);
    });
  }
});

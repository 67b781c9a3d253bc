// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import { parseTrustRoot } from '../../src/verify/trust-root-json.ts';
import { AUTHORITY, holderOf, purposes, TIME_STAMPING } from '../support/authorities.ts';
import { skipWithoutVectors, vectorsPath } from '../support/vectors.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

const root = holderOf('root', { extensions: AUTHORITY });
const issuer = holderOf('issuer', { issuer: root, extensions: AUTHORITY });
const tsaIssuer = holderOf('tsa issuer', {
  issuer: root,
  extensions: [...AUTHORITY, purposes(false, TIME_STAMPING)],
});
const tsa = holderOf('tsa', { issuer: root, extensions: [purposes(true, TIME_STAMPING)] });
const spki = root.publicKey.export({ format: 'der', type: 'spki' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;

const chain = (...holders: readonly { der: Uint8Array }[]) => ({
  certificates: holders.map(({ der }) => ({ rawBytes: base64(der) })),
});
const validFor = { start: '2025-01-01T00:00:00Z' };
const log = {
  baseUrl: 'https://log.example',
  hashAlgorithm: 'SHA2_256',
  publicKey: { rawBytes: base64(spki), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
  logId: { keyId: base64(Buffer.from('some id')) },
};
const authority = { uri: 'https://ca.example', certChain: chain(issuer, root), validFor };
const whole = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [log],
  certificateAuthorities: [authority],
  ctlogs: [log],
  timestampAuthorities: [{ uri: 'https://tsa.example', certChain: chain(tsa, root), validFor }],
};

const parse = (json: unknown) => parseTrustRoot('acme', Buffer.from(JSON.stringify(json)));
const withLog = (change: object) => parse({ ...whole, tlogs: [{ ...log, ...change }] }).logs;
const withKey = (change: object) => withLog({ publicKey: { ...log.publicKey, ...change } });
const withAuthority = (change: object) =>
  parse({ ...whole, certificateAuthorities: [{ ...authority, ...change }] }).certificateAuthorities;
const windowOf = (range: object) => withAuthority({ validFor: range })[0]?.window;

describe('a trusted_root.json', () => {
  test('gives authorities, logs and windows', () => {
    const parsed = parse(whole);
    assert.equal(parsed.name, 'acme');
    const window = { from: Date.parse('2025-01-01'), until: Number.POSITIVE_INFINITY };
    assert.deepEqual(parsed.certificateAuthorities[0]?.window, window);
    assert.deepEqual(
      parsed.certificateAuthorities[0]?.chain.map(({ der }) => Buffer.from(der)),
      [issuer.der, root.der].map((der) => Buffer.from(der)),
    );
    const [entry] = parsed.logs;
    assert.deepEqual(
      [entry?.id, entry?.baseUrl, entry?.keyDetails],
      [Buffer.from('some id').toString('hex'), 'https://log.example', 'PKIX_ECDSA_P256_SHA_256'],
    );
    assert.ok(entry?.key.equals(root.publicKey));
    assert.deepEqual(Buffer.from(entry?.spki ?? []), spki);
    assert.deepEqual(entry, parsed.certificateLogs[0]);
  });

  for (const version of ['+json;version=0.1', '+json;version=0.2', '.v0.1+json', '.v0.2+json']) {
    test(`may be of type ${version}, with the fields of v0.2`, () => {
      const mediaType = `application/vnd.dev.sigstore.trustedroot${version}`;
      const more = { operator: 'example', checkpointKeyId: { keyId: 'AAAAAA==' } };
      const operated = [{ ...authority, operator: 'example', subject: { commonName: 'ca' } }];
      const json = { ...whole, mediaType, tlogs: [{ ...log, ...more }], certificateAuthorities: operated };
      assert.equal(parse(json).fingerprint, parse(whole).fingerprint);
    });
  }

  test('may leave out whole lists', () => {
    const parsed = parse({ mediaType: whole.mediaType });
    assert.deepEqual([parsed.logs, parsed.timestampAuthorities], [[], []]);
  });

  test('knows a timestamp authority that names its signer from one that only issues', () => {
    const of = (certChain: object) =>
      parse({ ...whole, timestampAuthorities: [{ certChain, validFor }] }).timestampAuthorities[0]?.hasLeaf;
    assert.equal(of(chain(tsa, root)), true);
    assert.equal(of(chain(tsaIssuer, root)), false);
    assert.equal(of(chain(root)), false);
  });

  test('windows keep milliseconds of nine digits, and any offset', () => {
    assert.deepEqual(
      windowOf({ start: '2026-06-04T12:43:29.186617431Z', end: '2026-06-04T20:43:29.186999999+02:00' }),
      {
        from: Date.parse('2026-06-04T12:43:29.186Z'),
        until: Date.parse('2026-06-04T18:43:29.186Z'),
      },
    );
    const instant = '2026-06-04T12:43:29Z';
    assert.deepEqual(windowOf({ start: instant, end: instant }), {
      from: Date.parse(instant),
      until: Date.parse(instant),
    });
  });

  test('a log is known by the SHA-256 of its key where it has no id, and may be there twice', () => {
    assert.equal(withLog({ logId: undefined })[0]?.id, createHash('sha256').update(spki).digest('hex'));
    assert.equal(parse({ ...whole, tlogs: [log, log] }).logs.length, 2);
  });

  test('an RSA key may be in PKCS#1', () => {
    const rawBytes = base64(rsa.export({ format: 'der', type: 'pkcs1' }));
    assert.ok(withKey({ rawBytes, keyDetails: 'PKCS1_RSA_PKCS1V5' })[0]?.key.equals(rsa));
  });

  test('a log with a key of a kind that cannot verify here is left out', () => {
    assert.deepEqual(withKey({ keyDetails: 'ML_DSA_65', rawBytes: 'AAAA' }), []);
  });

  test('an authority that says that it has no certificates is left out, and the others stay', () => {
    const nobody = { certChain: { certificates: [] }, validFor };
    const parsed = parse({
      ...whole,
      certificateAuthorities: [nobody, authority],
      timestampAuthorities: [nobody],
    });
    assert.deepEqual(parsed.certificateAuthorities, parse(whole).certificateAuthorities);
    assert.deepEqual(parsed.timestampAuthorities, []);
    for (const name of ['certificateAuthorities', 'timestampAuthorities'] as const) {
      const undated = { ...whole, [name]: [{ certChain: { certificates: [] } }] };
      assert.throws(() => parse(undated), { code: 'TRUST_ROOT_INVALID' }, 'it needs a window all the same');
    }
  });

  test('is frozen', () => {
    const parsed = parse(whole);
    for (const part of [
      parsed,
      parsed.logs,
      parsed.logs[0],
      parsed.logs[0]?.window,
      parsed.certificateAuthorities,
    ])
      assert.ok(Object.isFrozen(part));
  });
});

describe('the fingerprint', () => {
  const { fingerprint } = parse(whole);

  test('is that of what is trusted, not of the text or the name', () => {
    assert.match(fingerprint, /^sha256:[0-9a-f]{64}$/);
    const turned = Object.fromEntries(Object.entries(whole).reverse());
    const text = `${JSON.stringify(turned, null, 3)}\n`;
    assert.equal(parseTrustRoot('other', Buffer.from(text)).fingerprint, fingerprint);
    const other = { ...log, baseUrl: 'https://b.example' };
    const [one, two] = [parse({ ...whole, tlogs: [log, other] }), parse({ ...whole, tlogs: [other, log] })];
    assert.equal(one.fingerprint, two.fingerprint);
  });

  for (const [what, change] of Object.entries({
    'no log': { tlogs: [] },
    'another window': {
      tlogs: [{ ...log, publicKey: { ...log.publicKey, validFor: { start: '2024-01-01T00:00:00Z' } } }],
    },
    'another log id': { tlogs: [{ ...log, logId: { keyId: 'AAAA' } }] },
    'another chain': { certificateAuthorities: [{ ...authority, certChain: chain(root) }] },
    'an end': {
      certificateAuthorities: [{ ...authority, validFor: { ...validFor, end: '2030-01-01T00:00:00Z' } }],
    },
    'logs of the other kind': { tlogs: [], ctlogs: [log, log] },
  })) {
    test(`differs with ${what}`, () =>
      assert.notEqual(parse({ ...whole, ...change }).fingerprint, fingerprint));
  }
});

const trailing = Buffer.concat([root.der, Buffer.of(0)]);
const refused: Record<string, [() => unknown, RegExp]> = {
  'what is not JSON': [
    () => parseTrustRoot('acme', Buffer.from('{')),
    /trust root "acme": the file is not JSON/,
  ],
  'a field named twice': [
    () => parseTrustRoot('acme', Buffer.from('{"tlogs":[],"tlogs":[]}')),
    /names a field twice/,
  ],
  'a file too large': [
    () => parseTrustRoot('acme', Buffer.alloc(LIMITS.documentBytes + 1, 0x20)),
    /at most 1048576/,
  ],
  'a file of brackets': [() => parseTrustRoot('acme', Buffer.from('['.repeat(10_000))), /nested deeper/],
  'no media type': [() => parse({ ...whole, mediaType: undefined }), /root\.mediaType: found "", wanted/],
  'another version': [() => parse({ ...whole, mediaType: `${whole.mediaType}5` }), /found ".*0\.15", wanted/],
  'an unknown field': [() => parse({ ...whole, more: [] }), /root: unknown field "more"/],
  'an unknown field within': [() => withLog({ more: 1 }), /root\.tlogs\[0\]: unknown field "more"/],
  'too many logs': [() => parse({ ...whole, tlogs: Array(257).fill(log) }), /257 entries, at most 256/],
  'a chain too long': [
    () => withAuthority({ certChain: chain(...Array(33).fill(root)) }),
    /33 entries, at most 32/,
  ],
  'a chain without certificates': [() => withAuthority({ certChain: {} }), /certChain: no certificates/],
  'a certificate with bytes behind it': [
    () => withAuthority({ certChain: chain(issuer, { der: trailing }) }),
    /certificates\[1\]: .*cannot be read/,
  ],
  'a chain in the wrong order': [
    () => withAuthority({ certChain: chain(root, issuer) }),
    /certificateAuthorities\[0\]: certificate 1 of the chain was not issued by the one after it/,
  ],
  'a chain in the wrong order, behind an authority that is left out': [
    () =>
      parse({
        ...whole,
        certificateAuthorities: [
          { ...authority, certChain: chain() },
          { ...authority, certChain: chain(root, issuer) },
        ],
      }),
    /root\.certificateAuthorities\[1\]: certificate 1 of the chain was not issued by the one after it/,
  ],
  'a chain with a stranger above': [
    () => withAuthority({ certChain: chain(issuer, holderOf('root', { extensions: AUTHORITY })) }),
    /was not issued by the one after it/,
  ],
  'a leaf as an authority': [
    () => withAuthority({ certChain: chain(tsa, root) }),
    /issuer that is no authority/,
  ],
  'a timestamp authority whose signer is for something else': [
    () => {
      const wrong = holderOf('wrong', { issuer: root, extensions: [purposes(true, '1.3.6.1.5.5.7.3.3')] });
      return parse({ ...whole, timestampAuthorities: [{ certChain: chain(wrong, root), validFor }] });
    },
    /timestampAuthorities\[0\]: .*timeStamping/,
  ],
  'an empty certificate': [() => withAuthority({ certChain: { certificates: [{}] } }), /certificates\[0\]: /],
  'a window without a start': [() => windowOf({ end: '2025-01-01T00:00:00Z' }), /validFor: no start/],
  'no window': [() => withAuthority({ validFor: undefined }), /validFor: no start/],
  'a log without a window': [() => withKey({ validFor: undefined }), /tlogs\[0\].*validFor: no start/],
  'a window that ends before it starts': [
    () => windowOf({ start: '2025-01-01T00:00:00.002Z', end: '2025-01-01T00:00:00.001Z' }),
    /after the end/,
  ],
  'a day as a time': [() => windowOf({ start: '2025-01-01' }), /start: not an RFC 3339 time/],
  'a time without a zone': [() => windowOf({ start: '2025-01-01T00:00:00' }), /not an RFC 3339 time/],
  'a day that is none': [() => windowOf({ start: '2025-02-30T00:00:00Z' }), /not an RFC 3339 time/],
  'ten digits of a second': [() => windowOf({ start: '2025-01-01T00:00:00.0000000001Z' }), /not an RFC 3339/],
  'another hash algorithm': [() => withLog({ hashAlgorithm: 'SHA2_512' }), /found SHA2_512, wanted SHA2_256/],
  'no hash algorithm': [() => withLog({ hashAlgorithm: undefined }), /found none, wanted SHA2_256/],
  'an empty id': [() => withLog({ logId: { keyId: '' } }), /keyId: empty/],
  'no kind of key': [() => withKey({ keyDetails: undefined }), /keyDetails: missing/],
  'an unknown kind of key': [() => withKey({ keyDetails: 'ROT13' }), /keyDetails: not one of/],
  'a key of another kind': [
    () => withKey({ keyDetails: 'PKIX_ED25519' }),
    /found a key of kind ec prime256v1, wanted ed25519/,
  ],
  'a key that is none': [() => withKey({ rawBytes: 'AAAA' }), /rawBytes: not a public key \(SPKI, DER\)/],
  'a key that is too short': [
    () => {
      const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
      return withKey({
        rawBytes: base64(short.export({ format: 'der', type: 'spki' })),
        keyDetails: 'PKIX_RSA_PKCS1V5',
      });
    },
    /2048 to 4096 bits here, found 1024/,
  ],
};

describe('refused', () => {
  for (const [what, [make, message]] of Object.entries(refused)) {
    test(what, () => {
      assert.throws(make, { name: 'CountersignError', code: 'TRUST_ROOT_INVALID', message });
      assert.throws(make, /^CountersignError: trust root "acme": /);
    });
  }
});

test('real trust roots', { skip: skipWithoutVectors }, () => {
  const files = globSync(
    ['**/trusted_root.json', '**/trusted-root.json', '**/trusted-roots/*.json'].map((glob) =>
      vectorsPath(glob),
    ),
  );
  assert.ok(files.length > 15);
  const roots = files.map((file) => parseTrustRoot('real', readFileSync(file)));
  assert.ok(roots.every(({ timestampAuthorities }) => timestampAuthorities.every(({ hasLeaf }) => hasLeaf)));
  const publicGood = parseTrustRoot('public', readFileSync(vectorsPath('trust/targets/trusted_root.json')));
  const { logs, certificateLogs, certificateAuthorities, timestampAuthorities } = publicGood;
  assert.deepEqual(
    [logs, certificateLogs, certificateAuthorities, timestampAuthorities].map(({ length }) => length),
    [2, 2, 2, 1],
  );
  assert.equal(logs[0]?.id, 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d');
});

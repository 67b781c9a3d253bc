// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createTestSigstore, type TrustedRootJson } from '../../src/testing/index.ts';
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

const pretty = (json: Buffer) => JSON.stringify(JSON.parse(json.toString()), null, 2);
const withLineEnds = (json: Buffer) => `${pretty(json).replaceAll('\n', '\r\n')}\r\n`;
const inRekor1 = { content: MESSAGE, log: 'v1' } as const;
const keyed = { content: STATEMENT, key: KEY, log: 'v2' } as const;
const firstOfATree = { tree: { index: 0n, size: 1n } } as const;
const windowed = (name: 'logs' | 'timestampAuthority', start: number, end: number) =>
  WORLD.trustedRoot({ windows: { [name]: { start, end } } });
/** Another authority of the same name, before the true one. */
const decoy = rootWith(({ certificateAuthorities }) => {
  const other: TrustedRootJson = JSON.parse(createTestSigstore({ now: NOW }).trustedRoot().toString());
  certificateAuthorities.unshift(...other.certificateAuthorities);
});

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'an envelope that Rekor v2 has as a hashedrekord': { bundle: signed({ content: STATEMENT }) },
  'an envelope by a key, logged as intoto 0.0.2 without its payload, alone in a log that only its host names':
    {
      bundle: changed(signed({ ...keyed, ...firstOfATree, entry: 'intoto 0.0.2' }), (bundle) => {
        for (const entry of entriesOf(bundle)) Object.assign(entry, { integratedTime: '0', logIndex: '0' });
        bundle.verificationMaterial['timestampVerificationData'] = { rfc3161Timestamps: [] };
        for (const signature of bundle.dsseEnvelope?.signatures ?? []) signature.keyid = '';
      }),
      by: 'key',
    },
  'a key without a hint': {
    bundle: changed(signed(keyed), ({ verificationMaterial }) => {
      verificationMaterial['publicKey'] = {};
    }),
    by: 'key',
  },
  'an authority of the same name before the one that issued the certificate': {
    bundle: signed(inRekor1),
    root: decoy,
  },
  'a log that was trusted until the very second': {
    bundle: signed(inRekor1),
    root: windowed('logs', NOW - 1, NOW),
  },
  'a log that is trusted from the very second on': {
    bundle: signed(inRekor1),
    root: windowed('logs', NOW, NOW + 1),
  },
  'a timestamp authority that was trusted until the very second': {
    bundle: signed({ content: MESSAGE }),
    root: windowed('timestampAuthority', NOW - 1, NOW),
  },
  'an authority without certificates beside the true ones': {
    bundle: signed({ content: MESSAGE }),
    root: rootWith((root) => {
      root.timestampAuthorities.push(NOBODY);
      root.certificateAuthorities.unshift(NOBODY);
    }),
  },
  'authorities without subject and URI': {
    bundle: signed({ content: MESSAGE }),
    root: rootWith(({ certificateAuthorities, timestampAuthorities }) => {
      for (const one of [...certificateAuthorities, ...timestampAuthorities])
        Object.assign(one, { subject: undefined, uri: undefined });
    }),
  },
  'a trust root v0.2 with operators': {
    bundle: signed({ content: MESSAGE }),
    root: rootWith(
      (root) => {
        for (const one of [...root.tlogs, ...root.certificateAuthorities, ...root.timestampAuthorities])
          one['operator'] = 'sigstore.test';
      },
      { mediaType: 'application/vnd.dev.sigstore.trustedroot.v0.2+json' },
    ),
  },
  'a trust root without timestamp authorities, and a timestamp beside an entry of Rekor v1': {
    bundle: signed({ ...inRekor1, timestamps: 1 }),
    root: rootWith((root) => {
      root.timestampAuthorities = [];
    }),
  },
  'members that are null or empty': {
    bundle: changed(signed(inRekor1), (bundle) => {
      Object.assign(bundle, { dsseEnvelope: null });
      Object.assign(bundle.verificationMaterial, {
        publicKey: null,
        x509CertificateChain: null,
        timestampVerificationData: {},
      });
    }),
  },
  'a promise that is empty, in Rekor v2': {
    bundle: changed(signed({ content: MESSAGE }), (bundle) => {
      for (const entry of entriesOf(bundle)) entry['inclusionPromise'] = { signedEntryTimestamp: '' };
    }),
  },
  'a message without its digest': {
    bundle: changed(signed(inRekor1), ({ messageSignature }) => {
      Object.assign(messageSignature ?? {}, { messageDigest: undefined });
    }),
  },
  'files with the line ends of Windows': {
    bundle: withLineEnds(signed(inRekor1)),
    root: withLineEnds(WORLD.trustedRoot()),
  },
  'a checkpoint with further lines, in Rekor v1': {
    bundle: signed({ ...inRekor1, checkpoint: { extra: ['Timestamp: 1675209600000000000'] } }),
  },
  'a checkpoint with witnesses, in Rekor v2': {
    bundle: signed({ content: MESSAGE, checkpoint: { extra: ['more'], witnesses: 3, witnessesFirst: true } }),
  },
  'a timestamp granted with modifications, over SHA-512, with its certificate': {
    bundle: signed({ content: MESSAGE, timestamp: { status: 1, hash: 'sha512', embed: true } }),
  },
  'a timestamp of an authority of which the trust root has no more than its root': {
    bundle: signed({ content: MESSAGE, timestamp: { embed: true, hash: 'sha384' } }),
    root: WORLD.trustedRoot({ timestampLeaf: false }),
  },
  'a promise, and a proof without a checkpoint, in v0.1': {
    bundle: changed(signed({ ...inRekor1, version: '0.1' }), withoutCheckpoint),
  },
  'a chain with its root, in v0.1': {
    bundle: changed(signed({ ...inRekor1, version: '0.1' }), ({ verificationMaterial }) => {
      const { certificates } = verificationMaterial['x509CertificateChain'] as { certificates: object[] };
      certificates.push({ rawBytes: WORLD.authority.chain.at(-1)?.toString('base64') });
    }),
  },
};

suite('accepted, by the file and by its digest', () => {
  for (const [name, situation] of Object.entries(SITUATIONS)) {
    test(name, async () => {
      const { exit, text } = await judge(situation);
      assert.equal(exit, 0, text);
      assert.match(text, /^verified\n/);
    });
  }
});

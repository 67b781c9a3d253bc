// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KeySigner } from '../../src/policy/index.ts';
import {
  createTestKey,
  createTestSigstore,
  defectsFor,
  type KeylessOptions,
  makeLegacyPayload,
  makeStatement,
} from '../../src/testing/index.ts';
import { type Candidate, NO_TRUST_ROOTS, verifyCandidate } from '../../src/verify/index.ts';
import { countCrypto } from '../support/crypto-counter.ts';
import { keySigner } from '../support/key-signer.ts';
import { trustIn } from '../support/keyless-trust.ts';
import { IMAGE, trusted } from '../support/verification.ts';

const NOW = Date.UTC(2026, 4, 1, 12);
const LATER = Date.UTC(2027, 0, 1);
const sigstore = createTestSigstore({ now: NOW });
const trust = trustIn(sigstore);
const key = createTestKey();
const NOTHING = { logEntries: 0, timestamps: 0, scts: 0, unsafeNoTime: false };

const FORMATS: Readonly<Record<string, (options: KeylessOptions) => Candidate>> = {
  bundle: (options) => ({
    kind: 'bundle',
    id: 'bundle',
    storage: 'referrer',
    bytes: sigstore.signBundle({ key, ...options, content: { statement: makeStatement(IMAGE) } }),
  }),
  'legacy layer': (options) => {
    const payload = makeLegacyPayload({ digest: IMAGE.digest, dockerReference: 'registry.example/acme/web' });
    const layer = sigstore.signLegacyLayer({ key, ...options, payload });
    const { annotations } = layer.descriptor;
    return { kind: 'simple-signing', id: 'layer', storage: 'tag', payload: layer.payload, annotations };
  },
};

function outcome(candidate: Candidate, options: Partial<KeySigner>, roots = trust, now = LATER) {
  return verifyCandidate(candidate, keySigner('release', [trusted(key)], options), IMAGE, now, roots);
}

for (const [format, sign] of Object.entries(FORMATS)) {
  const isLegacy = format === 'legacy layer';
  suite(`a signature by a key, ${format}`, () => {
    test('needs no log, and whatever stands beside it spoils nothing', () => {
      for (const options of [{}, { log: 'v1' }, { log: 'v1', defects: ['badPromise'] }] as const) {
        assert.equal(outcome(sign(options), {}).status, 'verified');
        assert.equal(outcome(sign(options), {}, NO_TRUST_ROOTS).status, 'verified');
      }
    });

    test('that must be logged: in a log that is known', () => {
      const demands = { ...NOTHING, logEntries: 1 };
      assert.equal(outcome(sign({ log: 'v1' }), { demands }).status, 'verified');
      assert.equal(outcome(sign({}), { demands }).code, 'LOG_ENTRY_MISSING');
      const without = outcome(sign({ log: 'v1' }), { demands }, NO_TRUST_ROOTS);
      assert.deepEqual([without.status, without.code], ['inconclusive', 'TRUST_ROOT_MISSING']);
    });

    // A key needs no time: an entry that proves none is as good, and one that is late was still made by the key.
    const harmless = ['noPromise', 'lateEntry'];
    for (const defect of defectsFor({ keyless: false, log: 'v1', timestamps: 0, legacy: isLegacy })) {
      if (harmless.includes(defect)) continue;
      test(`that must be logged, ${defect}: refused`, () => {
        const demands = { ...NOTHING, logEntries: 1 };
        assert.equal(outcome(sign({ log: 'v1', defects: [defect] }), { demands }).status, 'rejected');
      });
    }

    test('that must have a timestamp', () => {
      const demands = { ...NOTHING, timestamps: 1 };
      assert.equal(outcome(sign({ timestamps: 1 }), { demands }).status, 'verified');
      assert.equal(outcome(sign({}), { demands }).code, 'TIMESTAMP_MISSING');
      const forged = sign({ timestamps: 1, defects: ['timestampOverOther'] });
      assert.equal(outcome(forged, { demands }).code, 'TIMESTAMP_INVALID');
    });

    test('that must be logged or stamped says when, as far as that is proved', () => {
      const timesBy = (options: Parameters<typeof sign>[0], demanded: Partial<typeof NOTHING>) =>
        outcome(sign(options), { demands: { ...NOTHING, ...demanded } }).evidence?.times;
      const [at, stampedAt] = [NOW, NOW + 60_000].map((time) => new Date(time).toISOString());
      assert.deepEqual(timesBy({ log: 'v1' }, { logEntries: 1 }), [at]);
      assert.deepEqual(timesBy({ timestamps: 1 }, { timestamps: 1 }), [at]);
      const both = { log: 'v1', timestamps: 1, timestamp: { time: NOW + 60_000 } } as const;
      assert.deepEqual(timesBy(both, { logEntries: 1 }), [at, stampedAt]);
      assert.equal(timesBy(both, {}), undefined, 'what nobody demands is not looked at');
    });

    suite('by a key that is trusted for a time', () => {
      const keys = [trusted(key, { notBefore: NOW - 1000, notAfter: NOW + 1000 })];
      const before = [trusted(key, { notAfter: NOW - 1 })];
      const after = [trusted(key, { notBefore: NOW + 1 })];

      test('the proven time counts, and now only where nothing is proved', () => {
        for (const options of [{ log: 'v1' }, { timestamps: 1 }] as const) {
          assert.equal(outcome(sign(options), { keys }).status, 'verified');
          assert.equal(outcome(sign(options), { keys: before }, trust, NOW - 1000).code, 'KEY_EXPIRED');
          assert.equal(outcome(sign(options), { keys: after }).code, 'KEY_NOT_YET_VALID');
          assert.equal(outcome(sign(options), { keys }, NO_TRUST_ROOTS).code, 'KEY_EXPIRED');
        }
        assert.equal(outcome(sign({}), { keys }).code, 'KEY_EXPIRED');
        assert.equal(outcome(sign({}), { keys }, trust, NOW).status, 'verified');
      });

      test('what is demanded and tells the time too is verified once', async () => {
        const candidate = sign({ log: 'v1' });
        const demands = { ...NOTHING, logEntries: 1 };
        const of = async (one: Partial<KeySigner>) =>
          (await countCrypto(() => outcome(candidate, one))).verified;
        assert.equal(await of({ keys, demands }), await of({ demands }));
      });

      test('a time that is forged proves nothing', () => {
        for (const options of [
          { log: 'v1', defects: ['badPromise'] },
          { timestamps: 1, defects: ['timestampBadSignature'] },
        ] as const) {
          assert.equal(outcome(sign(options), { keys }).code, 'KEY_EXPIRED');
        }
      });
    });
  });
}

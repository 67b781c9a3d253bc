// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../src/limits.ts';
import {
  exitCode,
  isAllowed,
  type Report,
  renderJson,
  reportJson,
  summaryLine,
} from '../../src/report/index.ts';
import {
  DIGEST,
  FINGERPRINT,
  GITHUB,
  inconclusiveImage,
  keylessImage,
  letThrough,
  rejectedImage,
  reportWith,
  verifiedImage,
  WORKFLOW,
} from './reports.ts';

const verified = verifiedImage();
const rejected = rejectedImage();
const inconclusive = inconclusiveImage();
const exempt = verifiedImage({ verdict: 'exempt', code: 'EXEMPT', outcomes: [] });

/** The reports of one command, whether the first is allowed, and the exit code of all. */
const EXITS: readonly (readonly [
  name: string,
  reports: readonly Report[],
  allowed: boolean,
  code: number,
])[] = [
  ['nothing to judge', [reportWith()], true, 0],
  ['verified', [reportWith(verified)], true, 0],
  ['exempt', [reportWith(exempt)], true, 0],
  ['rejected', [reportWith(rejected)], false, 1],
  ['inconclusive', [reportWith(inconclusive)], false, 3],
  ['verified and inconclusive', [reportWith(verified, inconclusive)], false, 3],
  ['inconclusive and rejected', [reportWith(inconclusive, rejected)], false, 1],
  ['inconclusive, then rejected', [reportWith(inconclusive), reportWith(rejected)], false, 1],
  ['verified, then inconclusive', [reportWith(verified), reportWith(inconclusive)], true, 3],
  ['let in by warn', [reportWith(letThrough('warn'))], true, 0],
  ['let in by audit', [reportWith(letThrough('audit'))], true, 0],
  ['let in by warn while another is inconclusive', [reportWith(letThrough('warn'), inconclusive)], false, 3],
  ['denied without an image', [{ ...reportWith(), allowed: false }], false, 1],
  ['allowed, it says, with a denied image', [{ ...reportWith(rejected), allowed: true }], false, 1],
  ['denied, it says, with allowed images', [{ ...reportWith(verified), allowed: false }], false, 1],
];

for (const [name, reports, allowed, code] of EXITS) {
  test(`exit ${code}: ${name}`, () => {
    assert.equal(exitCode(...reports), code);
    assert.equal(isAllowed(reports[0] ?? reportWith()), allowed);
  });
}

test('the JSON has exactly the documented fields, in their order', () => {
  const image = verifiedImage({ pin: `ghcr.io/acme/web:1.4@${DIGEST}` });
  assert.equal(
    renderJson(reportWith(image)),
    `${JSON.stringify(
      {
        apiVersion: 'countersign.dev/v1',
        kind: 'Report',
        allowed: true,
        images: [
          {
            image: 'ghcr.io/acme/web:1.4',
            digest: DIGEST,
            uses: [{ container: 'web', kind: 'container', path: '/spec/containers/0/image' }],
            decision: 'allow',
            verdict: 'verified',
            code: 'VERIFIED',
            message: 'wanted release-key; found it',
            hint: '',
            stale: false,
            policies: [
              { policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'verified', code: 'VERIFIED' },
            ],
            outcomes: [
              {
                signer: 'release-key',
                candidate: 'sha256-abab.sig#0',
                storage: 'tag',
                status: 'verified',
                code: 'VERIFIED',
                message: 'signed by release-key',
                evidence: {
                  identity: `key:${FINGERPRINT}`,
                  keyFingerprint: FINGERPRINT,
                  algorithm: 'ecdsa-sha2-256-nistp256',
                  format: 'simple-signing',
                },
              },
            ],
            registryRequests: 3,
            durationMs: 31.2,
          },
        ],
      },
      undefined,
      2,
    )}\n`,
  );
});

test('in JSON an image keeps every character, and none acts on a terminal', () => {
  const image = '\u001b[2J\u009b31m\u202e\u{e0001}\u2028"\\größe\n';
  const text = renderJson(reportWith(rejectedImage({ image })));
  assert.deepEqual(JSON.parse(text).images[0].image, image);
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}]/u);
});

test('in JSON an unresolved image has no digest, and a failed outcome empty evidence', () => {
  const [image] = reportJson(reportWith(inconclusiveImage({ outcomes: rejected.outcomes }))).images;
  assert.ok(image !== undefined);
  assert.equal(Object.hasOwn(image, 'digest'), false);
  assert.deepEqual(image.outcomes[0]?.evidence, {});
});

test('the log line says what was answered and why', () => {
  assert.deepEqual(summaryLine(reportWith(verified, rejected)), {
    allowed: false,
    verdict: 'rejected',
    code: 'SIGNATURE_INVALID',
    images: [
      {
        image: 'ghcr.io/acme/web:1.4',
        digest: DIGEST,
        verdict: 'verified',
        code: 'VERIFIED',
        rule: 'web',
        mode: 'enforce',
      },
      {
        image: 'ghcr.io/acme/web:1.4',
        digest: DIGEST,
        verdict: 'rejected',
        code: 'SIGNATURE_INVALID',
        rule: 'web',
        mode: 'enforce',
      },
    ],
  });
  assert.deepEqual(summaryLine(reportWith()), { allowed: true, images: [] });
});

test('the log line and the JSON say who signed, of signers that are known by identity', () => {
  const report = reportWith(keylessImage());
  assert.deepEqual(summaryLine(report).images[0]?.signedBy, [`${WORKFLOW} by ${GITHUB}`]);
  const { evidence } = reportJson(report).images[0]?.outcomes[0] ?? {};
  assert.deepEqual(
    [evidence?.issuer, evidence?.subject, evidence?.times],
    [GITHUB, WORKFLOW, ['2026-11-22T12:00:00.000Z']],
  );
  const [outcome] = keylessImage().outcomes;
  assert.ok(outcome?.evidence !== undefined);
  const { evidence: proved } = outcome;
  const named = (subject: string) => ({ ...outcome, evidence: { ...proved, subject } });
  const many = ['a\u001b[31m', 'a\u001b[31m', 'b', 'c', 'd', 'e'].map(named);
  assert.deepEqual(
    summaryLine(reportWith(keylessImage({ outcomes: many }))).images[0]?.signedBy,
    ['a', 'b', 'c', 'd'].map((subject) => `${subject} by ${GITHUB}`),
  );
});

test('a denied image speaks for the report before a worse one that is let in', () => {
  const line = summaryLine(reportWith(letThrough('warn'), inconclusive, exempt));
  assert.deepEqual([line.verdict, line.code], ['inconclusive', 'REGISTRY_UNREACHABLE']);
  const warned = summaryLine(reportWith(verified, letThrough('audit')));
  assert.deepEqual([warned.allowed, warned.verdict, warned.code], [true, 'rejected', 'SIGNATURE_INVALID']);
});

test('the log line is bounded', () => {
  const images = Array.from({ length: LIMITS.imagesPerReview }, () =>
    rejectedImage({ image: '\u001b[31m'.repeat(1e5) }),
  );
  const line = summaryLine(reportWith(...images));
  assert.equal(line.images.length, LIMITS.imagesPerLogLine);
  assert.equal(line.imagesLeftOut, LIMITS.imagesPerReview - LIMITS.imagesPerLogLine);
  assert.ok(JSON.stringify(line).length < 100_000);
});

test('the JSON says of what was looked at as an attestation which type it has, and of nothing else', () => {
  const outcomes = rejectedImage().outcomes.flatMap((one) => [one, { ...one, attestation: 'urn:t' }]);
  const [image] = reportJson(reportWith(rejectedImage({ outcomes }))).images;
  assert.deepEqual(
    image?.outcomes.map((one) => ('attestation' in one ? one.attestation : undefined)),
    [undefined, 'urn:t'],
  );
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountersignError } from '../../src/errors.ts';
import { LIMITS } from '../../src/limits.ts';
import {
  type AdmissionReviewAnswer,
  type ImageReport,
  renderError,
  renderMutateAnswer,
  renderUnread,
  renderValidateAnswer,
} from '../../src/report/index.ts';
import {
  DIGEST,
  inconclusiveImage,
  letThrough,
  rejectedImage,
  reportWith,
  verifiedImage,
} from './reports.ts';

const REQUEST = { uid: 'u-1' };
const validate = (...images: ImageReport[]) => renderValidateAnswer(REQUEST, reportWith(...images)).response;
const answer = (response: object) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response,
});

test('a verified image is allowed, with audit annotations', () => {
  assert.deepEqual(
    renderValidateAnswer(REQUEST, reportWith(verifiedImage())),
    answer({
      uid: 'u-1',
      allowed: true,
      auditAnnotations: { verdict: 'verified', code: 'VERIFIED', rule: 'web' },
    }),
  );
});

test('nothing to judge is allowed, and says nothing', () => {
  assert.deepEqual(renderValidateAnswer(REQUEST, reportWith()), answer({ uid: 'u-1', allowed: true }));
  assert.deepEqual(renderUnread('u-2'), answer({ uid: 'u-2', allowed: true }));
});

test('a denial names container, image, digest, reason, code, rule and hint', () => {
  assert.deepEqual(
    renderValidateAnswer(REQUEST, reportWith(rejectedImage())),
    answer({
      uid: 'u-1',
      allowed: false,
      status: {
        code: 403,
        reason: 'Forbidden',
        message:
          `countersign: container web, ghcr.io/acme/web:1.4 (${DIGEST}): ` +
          'wanted release-key; found 1 candidate: not made with this key ' +
          '[SIGNATURE_INVALID, rule web of policy acme]; ' +
          'hint: check the key: cosign verify --key KEY IMAGE',
      },
      auditAnnotations: { verdict: 'rejected', code: 'SIGNATURE_INVALID', rule: 'web' },
    }),
  );
});

test('without digest, rule, name and hint the denial still reads', () => {
  const message = validate(
    inconclusiveImage({
      uses: [{ image: 'x', container: '', kind: 'imageVolume', path: '/spec/volumes/0/image/reference' }],
      policies: [
        { policy: '', rule: '', mode: 'enforce', verdict: 'inconclusive', code: 'REGISTRY_UNREACHABLE' },
      ],
      hint: '',
    }),
  ).status?.message;
  assert.equal(
    message,
    'countersign: image volume /spec/volumes/0/image/reference, ghcr.io/acme/web:1.4: ghcr.io: connection refused [REGISTRY_UNREACHABLE]',
  );
});

test('an object that could not be read is denied as such', () => {
  const image = inconclusiveImage({
    image: '',
    object: 'the object',
    uses: [],
    policies: [],
    code: 'OBJECT_MALFORMED',
    verdict: 'rejected',
  });
  const { allowed, status, auditAnnotations } = validate(image);
  assert.equal(allowed, false);
  assert.match(status?.message ?? '', /^countersign: the object: .* \[OBJECT_MALFORMED\]/);
  assert.deepEqual(auditAnnotations, { verdict: 'rejected', code: 'OBJECT_MALFORMED', rule: '' });
});

test('a digest that stands in the image is not said twice', () => {
  const message = validate(rejectedImage({ image: `ghcr.io/acme/web@${DIGEST}` })).status?.message ?? '';
  assert.equal(message.split(DIGEST).length, 2);
});

test('each denied image has its line, a good one has none', () => {
  const message = validate(verifiedImage({ image: 'good:1' }), rejectedImage(), inconclusiveImage()).status
    ?.message;
  assert.equal(message?.split('\n').length, 2);
  assert.doesNotMatch(message ?? '', /good:1/);
});

test('flag and images that contradict each other: denied', () => {
  const denied = renderValidateAnswer(REQUEST, { ...reportWith(rejectedImage()), allowed: true });
  assert.equal(denied.response.allowed, false);
  const silent = renderValidateAnswer(REQUEST, { ...reportWith(), allowed: false });
  assert.deepEqual(silent.response.status, {
    code: 403,
    reason: 'Forbidden',
    message: 'countersign: denied',
  });
});

test('warn is a warning', () => {
  const { allowed, warnings, status, auditAnnotations } = validate(letThrough('warn'));
  assert.equal(allowed, true);
  assert.equal(status, undefined);
  assert.deepEqual(warnings, [
    'countersign: would be denied: SIGNATURE_INVALID: container web: ghcr.io/acme/web:1.4: ' +
      'wanted release-key; found 1 candidate: not made with this key',
  ]);
  assert.deepEqual(auditAnnotations, { verdict: 'rejected', code: 'SIGNATURE_INVALID', rule: 'web' });
});

test('audit is seen in the audit log only', () => {
  assert.deepEqual(
    renderValidateAnswer(REQUEST, reportWith(letThrough('audit'))),
    answer({
      uid: 'u-1',
      allowed: true,
      auditAnnotations: { verdict: 'rejected', code: 'SIGNATURE_INVALID', rule: 'web' },
    }),
  );
});

test('a denial warns of the others, too', () => {
  const { allowed, warnings } = validate(rejectedImage(), letThrough('warn'));
  assert.equal(allowed, false);
  assert.equal(warnings?.length, 1);
});

test('the rule in the audit log is the one that gave the code', () => {
  const policies: ImageReport['policies'] = [
    { policy: 'team', rule: 'first', mode: 'enforce', verdict: 'verified', code: 'VERIFIED' },
    { policy: 'acme', rule: 'second', mode: 'warn', verdict: 'rejected', code: 'SIGNATURE_INVALID' },
    { policy: 'corp', rule: 'third', mode: 'enforce', verdict: 'rejected', code: 'SIGNATURE_INVALID' },
  ];
  assert.equal(validate(rejectedImage({ policies })).auditAnnotations?.rule, 'third');
  assert.equal(validate(letThrough('warn', { policies })).auditAnnotations?.rule, 'second');
});

test('a rule that said something else is not blamed', () => {
  const policies = [
    { policy: 'acme', rule: 'web', mode: 'enforce', verdict: 'verified', code: 'VERIFIED' },
  ] as const;
  assert.equal(validate(rejectedImage({ policies, code: 'NO_RULE' })).auditAnnotations?.rule, '');
});

test('answers are bounded and printable, whatever an image is called', () => {
  const evil = `\u001b[2J\u202e${'evil\n'.repeat(100_000)}`;
  const changes = {
    image: evil,
    message: evil,
    hint: evil,
    uses: Array.from({ length: 500 }, () => ({
      image: evil,
      container: evil,
      kind: 'init' as const,
      path: '/spec',
    })),
    policies: [{ policy: evil, rule: evil, mode: 'enforce', verdict: 'rejected', code: 'UNSIGNED' }] as const,
    code: 'UNSIGNED' as const,
  };
  const images = Array.from({ length: 500 }, (_, index) =>
    index % 2 === 0 ? rejectedImage(changes) : letThrough('warn', changes),
  );
  const { status, warnings = [], auditAnnotations } = validate(...images);
  const message = status?.message ?? '';
  assert.ok(message.length <= LIMITS.denialMessageLength, `${message.length}`);
  assert.match(message, /\ncountersign: and 24\d more$/);
  assert.ok(warnings.every((warning) => [...warning].length <= LIMITS.warningLength));
  assert.ok(warnings.join('').length <= LIMITS.warningsLength);
  assert.match(warnings.at(-1) ?? '', /^countersign: and \d+ more$/);
  assert.ok((auditAnnotations?.rule.length ?? 0) <= LIMITS.auditValueLength);
  for (const text of [...message.split('\n'), ...warnings, auditAnnotations?.rule ?? '']) {
    assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
  }
});

function patchOf({ response }: AdmissionReviewAnswer): unknown {
  assert.equal(response.patchType, 'JSONPatch');
  return JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString());
}

test('/mutate writes the pin into each use', () => {
  const pin = `ghcr.io/acme/web:1.4@${DIGEST}`;
  const [use] = verifiedImage().uses;
  assert.ok(use !== undefined);
  const image = verifiedImage({ pin, uses: [use, { ...use, path: '/spec/volumes/3/image/reference' }] });
  const rendered = renderMutateAnswer(REQUEST, [image, verifiedImage({ image: 'other:1' })]);
  assert.deepEqual([rendered.response.uid, rendered.response.allowed], ['u-1', true]);
  assert.deepEqual(patchOf(rendered), [
    { op: 'replace', path: '/spec/containers/0/image', value: pin },
    { op: 'replace', path: '/spec/volumes/3/image/reference', value: pin },
  ]);
});

test('/mutate never denies, and says nothing where nothing is pinned', () => {
  for (const images of [
    [],
    [rejectedImage()],
    [inconclusiveImage()],
    [letThrough('warn')],
    [verifiedImage()],
  ]) {
    assert.deepEqual(renderMutateAnswer(REQUEST, images), answer({ uid: 'u-1', allowed: true }));
  }
  const same = verifiedImage({ pin: verifiedImage().image });
  assert.deepEqual(renderMutateAnswer(REQUEST, [same]), answer({ uid: 'u-1', allowed: true }));
});

/** An error, and the status and verdict of its answer. */
const ERRORS: readonly (readonly [CountersignError, number, string, string])[] = [
  [new CountersignError('REVIEW_MALFORMED', 'request.kind: wanted an object'), 400, 'BadRequest', 'rejected'],
  [new CountersignError('OBJECT_MALFORMED', 'Pod: /spec: wanted an object'), 403, 'Forbidden', 'rejected'],
  [new CountersignError('LIMIT_EXCEEDED', '1001 images'), 403, 'Forbidden', 'inconclusive'],
  [new CountersignError('INTERNAL_ERROR', 'x is not a function'), 403, 'Forbidden', 'inconclusive'],
];

for (const [error, code, reason, verdict] of ERRORS) {
  test(`${error.code} is denied with ${code}`, () => {
    const message = `countersign: ${error.message} [${error.code}]; hint: ${error.hint}`;
    assert.deepEqual(
      renderError('u-1', error),
      answer({
        uid: 'u-1',
        allowed: false,
        status: { code, reason, message },
        auditAnnotations: { verdict, code: error.code, rule: '' },
      }),
    );
  });
}

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAdmissionReview, ReviewError } from '../../src/admission/index.ts';
import { LIMITS } from '../../src/limits.ts';

const REQUEST = {
  uid: 'u-1',
  kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
  resource: { group: 'apps', version: 'v1', resource: 'deployments' },
  subResource: 'scale',
  namespace: 'team-a',
  name: 'web',
  operation: 'UPDATE',
  userInfo: {
    username: 'alice',
    uid: 'a',
    groups: ['dev-team', 'system:authenticated'],
    extra: { x: ['y'] },
  },
  object: { spec: {} },
  oldObject: null,
  dryRun: true,
  options: null,
};
const REVIEW = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: REQUEST };

const withRequest = (changes: object) => ({ ...REVIEW, request: { ...REQUEST, ...changes } });

test('a review becomes a request with what is used of it', () => {
  assert.deepEqual(parseAdmissionReview(REVIEW), {
    uid: 'u-1',
    operation: 'UPDATE',
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    resource: 'deployments',
    resourceGroup: 'apps',
    subResource: 'scale',
    namespace: 'team-a',
    name: 'web',
    dryRun: true,
    user: { username: 'alice', groups: ['dev-team', 'system:authenticated'] },
    object: { spec: {} },
    oldObject: undefined,
  });
});

test('what a review may leave out is empty', () => {
  const kind = { version: 'v1', kind: 'Pod' };
  const resource = { version: 'v1', resource: 'pods' };
  const request = {
    uid: 'u-2',
    kind,
    resource,
    operation: 'CREATE',
    name: null,
    dryRun: null,
    userInfo: null,
  };
  const parsed = parseAdmissionReview({ ...REVIEW, request });
  assert.deepEqual(parsed, {
    uid: 'u-2',
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    resource: 'pods',
    resourceGroup: '',
    subResource: '',
    namespace: '',
    name: '',
    dryRun: false,
    user: { username: '', groups: [] },
    object: undefined,
    oldObject: undefined,
  });
});

const longName = 'a'.repeat(LIMITS.reviewNameLength + 1);

/** What is wrong, the body, the uid that the error carries, and what its message says. */
const BAD: readonly (readonly [name: string, body: unknown, uid: string | undefined, message: RegExp])[] = [
  ['undefined', undefined, undefined, /^the body: wanted an AdmissionReview, found nothing$/],
  ['null', null, undefined, /found nothing/],
  ['a string', 'AdmissionReview', undefined, /found the string "AdmissionReview"/],
  ['a number', 7, undefined, /found the number 7/],
  ['a boolean', false, undefined, /found the boolean false/],
  ['an array', [REVIEW], undefined, /found an array/],
  ['an empty object', {}, undefined, /^apiVersion: wanted admission\.k8s\.io\/v1, found nothing$/],
  [
    'v1beta1',
    { ...REVIEW, apiVersion: 'admission.k8s.io/v1beta1' },
    'u-1',
    /found the string "admission\.k8s\.io\/v1beta1"/,
  ],
  ['another group', { ...REVIEW, apiVersion: 'v1' }, 'u-1', /^apiVersion: /],
  ['apiVersion an array', { ...REVIEW, apiVersion: ['admission.k8s.io/v1'] }, 'u-1', /found an array/],
  [
    'another kind',
    { ...REVIEW, kind: 'Pod' },
    'u-1',
    /^kind: wanted AdmissionReview, found the string "Pod"$/,
  ],
  ['no kind', { ...REVIEW, kind: undefined }, 'u-1', /^kind: /],
  ['no request', { ...REVIEW, request: undefined }, undefined, /^request: wanted an object, found nothing$/],
  ['request null', { ...REVIEW, request: null }, undefined, /^request: /],
  [
    'request an array',
    { ...REVIEW, request: [REQUEST] },
    undefined,
    /^request: wanted an object, found an array$/,
  ],
  ['an answer', { ...REVIEW, request: undefined, response: { uid: 'u-1' } }, undefined, /^request: /],
  ['no uid', withRequest({ uid: undefined }), undefined, /^request\.uid: wanted a string of 1 to 256/],
  ['uid null', withRequest({ uid: null }), undefined, /^request\.uid: /],
  ['uid empty', withRequest({ uid: '' }), undefined, /^request\.uid: .*found the string ""$/],
  ['uid a number', withRequest({ uid: 1 }), undefined, /^request\.uid: .*found the number 1$/],
  [
    'uid too long',
    withRequest({ uid: 'u'.repeat(LIMITS.reviewUidLength + 1) }),
    undefined,
    /^request\.uid: /,
  ],
  [
    'no operation',
    withRequest({ operation: undefined }),
    'u-1',
    /^request\.operation: wanted one of CREATE, /,
  ],
  ['an unknown operation', withRequest({ operation: 'PATCH' }), 'u-1', /found the string "PATCH"/],
  ['operation in lower case', withRequest({ operation: 'delete' }), 'u-1', /^request\.operation: /],
  ['operation an array', withRequest({ operation: ['DELETE'] }), 'u-1', /^request\.operation: /],
  ['no kind in the request', withRequest({ kind: undefined }), 'u-1', /^request\.kind: wanted an object/],
  ['kind a string', withRequest({ kind: 'Pod' }), 'u-1', /^request\.kind: wanted an object/],
  ['kind.kind missing', withRequest({ kind: { group: '', version: 'v1' } }), 'u-1', /^request\.kind\.kind: /],
  ['kind.kind empty', withRequest({ kind: { kind: '' } }), 'u-1', /^request\.kind\.kind: /],
  ['kind.group a number', withRequest({ kind: { kind: 'Pod', group: 0 } }), 'u-1', /^request\.kind\.group: /],
  [
    'kind.version an object',
    withRequest({ kind: { kind: 'Pod', version: {} } }),
    'u-1',
    /^request\.kind\.version: /,
  ],
  ['no resource', withRequest({ resource: undefined }), 'u-1', /^request\.resource: /],
  [
    'resource.resource empty',
    withRequest({ resource: { resource: '' } }),
    'u-1',
    /^request\.resource\.resource: /,
  ],
  [
    'resource.group null is empty, an array is not',
    withRequest({ resource: { resource: 'pods', group: [] } }),
    'u-1',
    /group/,
  ],
  ['subResource a number', withRequest({ subResource: 3 }), 'u-1', /^request\.subResource: wanted a string/],
  ['namespace an object', withRequest({ namespace: {} }), 'u-1', /^request\.namespace: /],
  [
    'namespace too long',
    withRequest({ namespace: longName }),
    'u-1',
    /^request\.namespace: wanted at most 1024 char/,
  ],
  ['name an array', withRequest({ name: [] }), 'u-1', /^request\.name: /],
  ['dryRun a string', withRequest({ dryRun: 'true' }), 'u-1', /^request\.dryRun: wanted true or false/],
  ['userInfo an array', withRequest({ userInfo: [] }), 'u-1', /^request\.userInfo: /],
  ['username a number', withRequest({ userInfo: { username: 1 } }), 'u-1', /^request\.userInfo\.username: /],
  [
    'groups a string',
    withRequest({ userInfo: { groups: 'system:nodes' } }),
    'u-1',
    /^request\.userInfo\.groups: /,
  ],
  ['groups of numbers', withRequest({ userInfo: { groups: ['a', 1] } }), 'u-1', /wanted an array of strings/],
];

for (const [name, body, uid, message] of BAD) {
  test(`REVIEW_MALFORMED: ${name}`, () => {
    assert.throws(
      () => parseAdmissionReview(body),
      (error) => {
        assert.ok(error instanceof ReviewError);
        assert.equal(error.code, 'REVIEW_MALFORMED');
        assert.equal(error.uid, uid);
        assert.match(error.message, message);
        assert.ok(error.message.length < 300, 'a message is bounded');
        return true;
      },
    );
  });
}

test('inherited fields are no fields', () => {
  const body: unknown = JSON.parse(`{"__proto__": ${JSON.stringify(REVIEW)}}`);
  assert.throws(() => parseAdmissionReview(body), { code: 'REVIEW_MALFORMED' });
  assert.throws(() => parseAdmissionReview(Object.create(REVIEW)), { code: 'REVIEW_MALFORMED' });
});

test('a __proto__ key in the review changes nothing', () => {
  const text = JSON.stringify(REVIEW).replace(
    '"request":{',
    '"request":{"__proto__":{"dryRun":false,"polluted":1},',
  );
  const parsed = parseAdmissionReview(JSON.parse(text));
  assert.equal(parsed.dryRun, true);
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('the longest uid and the longest name are taken', () => {
  const uid = 'u'.repeat(LIMITS.reviewUidLength);
  const name = longName.slice(1);
  const parsed = parseAdmissionReview(withRequest({ uid, name }));
  assert.equal(parsed.uid, uid);
  assert.equal(parsed.name, name);
});

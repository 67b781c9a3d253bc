// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { describeJson, ownField } from './json-fields.ts';

const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;

/** What a client of the API server wants to do. */
type Operation = (typeof OPERATIONS)[number];

/**
 * The request of an AdmissionReview, less what nobody here reads. `group`, `version`, `kind` and `resource` are
 * those that `object` and `oldObject` are encoded as (the webhook may have asked for a conversion), not those
 * that the client used. Strings that the review leaves out are empty; `object` and `oldObject` are still
 * unknown, and `undefined` where there is none.
 */
export type AdmissionRequest = {
  readonly uid: string;
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  /** Of the resource; it differs from `group` where a subresource has a kind of its own (`scale`). */
  readonly resourceGroup: string;
  readonly subResource: string;
  readonly namespace: string;
  /** Empty in the mutating review of everything made with `generateName`. */
  readonly name: string;
  readonly dryRun: boolean;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  readonly object: unknown;
  readonly oldObject: unknown;
};

/** REVIEW_MALFORMED, with the uid where one was readable: then the answer can be a denial of that request. */
export class ReviewError extends CountersignError {
  override readonly name = 'ReviewError';
  readonly uid?: string;

  constructor(message: string, uid: string | undefined, options?: ErrorOptions) {
    super('REVIEW_MALFORMED', message, options);
    if (uid !== undefined) this.uid = uid;
  }
}

/** An object inside the review: where it is, and the uid that errors about it carry. */
type Place = { readonly object: JsonObject; readonly path: string; readonly uid: string | undefined };

/**
 * Reads an AdmissionReview of `admission.k8s.io/v1`. Attacker input: whoever reaches the listener can send it.
 *
 * @param body what `JSON.parse` gave, of at most `LIMITS.reviewBytes` bytes
 * @throws ReviewError with REVIEW_MALFORMED, what was found and what was wanted, and nothing else
 */
export function parseAdmissionReview(body: unknown): AdmissionRequest {
  const uid = readableUid(body);
  if (!isJsonObject(body)) throw new ReviewError(unexpected('the body', 'an AdmissionReview', body), uid);
  const review: Place = { object: body, path: '', uid };
  expectText(review, 'apiVersion', 'admission.k8s.io/v1');
  expectText(review, 'kind', 'AdmissionReview');
  return parseRequest(inner(review, 'request'));
}

function parseRequest(request: Place): AdmissionRequest {
  if (request.uid === undefined) throw malformed(request, 'uid', 'a string of 1 to 256 characters');
  const kind = inner(request, 'kind');
  const resource = inner(request, 'resource');
  return {
    uid: request.uid,
    operation: operationOf(request),
    group: text(kind, 'group'),
    version: text(kind, 'version'),
    kind: requiredText(kind, 'kind'),
    resource: requiredText(resource, 'resource'),
    resourceGroup: text(resource, 'group'),
    subResource: text(request, 'subResource'),
    namespace: text(request, 'namespace'),
    name: text(request, 'name'),
    dryRun: flag(request, 'dryRun'),
    user: userOf(request),
    object: ownField(request.object, 'object'),
    oldObject: ownField(request.object, 'oldObject'),
  };
}

/** The uid, wherever the rest is wrong: a denial must name the request that it denies. */
function readableUid(body: unknown): string | undefined {
  const request = isJsonObject(body) ? ownField(body, 'request') : undefined;
  const uid = isJsonObject(request) ? ownField(request, 'uid') : undefined;
  if (typeof uid !== 'string' || uid === '' || uid.length > LIMITS.reviewUidLength) return undefined;
  return uid;
}

function operationOf(request: Place): Operation {
  const found = ownField(request.object, 'operation');
  const operation = OPERATIONS.find((known) => known === found);
  if (operation === undefined) throw malformed(request, 'operation', `one of ${OPERATIONS.join(', ')}`);
  return operation;
}

function userOf(request: Place): AdmissionRequest['user'] {
  if (ownField(request.object, 'userInfo') === undefined) return { username: '', groups: [] };
  const user = inner(request, 'userInfo');
  const groups = ownField(user.object, 'groups') ?? [];
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) {
    throw malformed(user, 'groups', 'an array of strings');
  }
  return { username: text(user, 'username'), groups };
}

function inner(place: Place, name: string): Place {
  const object = ownField(place.object, name);
  if (!isJsonObject(object)) throw malformed(place, name, 'an object');
  return { object, path: pathOf(place, name), uid: place.uid };
}

function text(place: Place, name: string): string {
  const value = ownField(place.object, name) ?? '';
  if (typeof value !== 'string') throw malformed(place, name, 'a string');
  if (value.length > LIMITS.reviewNameLength) {
    throw malformed(place, name, `at most ${LIMITS.reviewNameLength} characters`);
  }
  return value;
}

function requiredText(place: Place, name: string): string {
  const value = text(place, name);
  if (value === '') throw malformed(place, name, 'a string that is not empty');
  return value;
}

function expectText(place: Place, name: string, wanted: string): void {
  if (ownField(place.object, name) !== wanted) throw malformed(place, name, wanted);
}

function flag(place: Place, name: string): boolean {
  const value = ownField(place.object, name) ?? false;
  if (typeof value !== 'boolean') throw malformed(place, name, 'true or false');
  return value;
}

function malformed(place: Place, name: string, wanted: string): ReviewError {
  return new ReviewError(unexpected(pathOf(place, name), wanted, ownField(place.object, name)), place.uid);
}

function unexpected(where: string, wanted: string, found: unknown): string {
  return `${where}: wanted ${wanted}, found ${describeJson(found)}`;
}

function pathOf(place: Place, name: string): string {
  return place.path === '' ? name : `${place.path}.${name}`;
}

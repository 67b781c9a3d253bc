// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { isJsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { jsonPointer, ownField } from './json-fields.ts';
import { findPodKind, findPodResource, type PodKind, type Subject } from './kinds.ts';
import { isMirrorPod } from './mirror-pod.ts';
import type { AdmissionRequest } from './parse-review.ts';
import { type ImageUse, malformedObject, readImages, USE_WORDS } from './read-images.ts';

/** Why a listing has nothing to judge, or nothing to deny. */
type ListingReason =
  /** DELETE and CONNECT: nothing is stored that names an image. */
  | 'unread-operation'
  /** A subresource that cannot change an image. */
  | 'unread-subresource'
  /** A kind that holds no pod spec as far as the table of kinds knows; to be counted. */
  | 'unknown-kind'
  /** An update after which the object names no image that it did not name before, or only empty templates. */
  | 'no-new-image'
  /** The mirror of a static Pod: to be reported, never patched, never denied. */
  | 'mirror-pod';

/** The images of a request that are to be judged. */
export type Listing = {
  readonly uses: readonly ImageUse[];
  /** `none`: the object was not read at all. */
  readonly subject: Subject | 'none';
  /** The listing is that of the mirror of a static Pod: report it, but neither patch nor deny. */
  readonly mirror: boolean;
  readonly reason?: ListingReason;
};

const UNREAD_OPERATIONS: ReadonlySet<string> = new Set(['DELETE', 'CONNECT']);
/** The API server takes no image from these. Every other subresource (`ephemeralcontainers`) is judged. */
const UNREAD_SUBRESOURCES: ReadonlySet<string> = new Set([
  'status',
  'scale',
  'resize',
  'binding',
  'eviction',
]);

/**
 * Lists what a request would bring in: on CREATE every image, on UPDATE those whose string `oldObject` names
 * nowhere. Attacker input, and a use that is left out runs unjudged: what cannot be read is an error.
 *
 * @throws CountersignError OBJECT_MALFORMED where the object is not of the shape of its kind, IMAGE_EMPTY where
 *   a container of a Pod newly has no image, LIMIT_EXCEEDED past `LIMITS.imagesPerReview` uses to judge
 */
export function listImages(request: AdmissionRequest): Listing {
  if (UNREAD_OPERATIONS.has(request.operation)) return unread('unread-operation');
  if (UNREAD_SUBRESOURCES.has(request.subResource)) return unread('unread-subresource');
  const kind = podKindOf(request);
  if (kind === undefined) return unread('unknown-kind');
  const uses = readImages(request.object, kind);
  if (kind.subject === 'pod' && isMirrorPod(request)) return mirrorListing(uses);
  return listing(kind.subject, judged(uses, imagesBefore(request, kind), kind));
}

function unread(reason: ListingReason): Listing {
  return { uses: [], subject: 'none', mirror: false, reason };
}

function listing(subject: Subject, uses: readonly ImageUse[]): Listing {
  if (uses.length === 0) return { uses, subject, mirror: false, reason: 'no-new-image' };
  return { uses: bounded(uses), subject, mirror: false };
}

function mirrorListing(uses: readonly ImageUse[]): Listing {
  const named = uses.filter((use) => use.image !== '');
  return { uses: bounded(named), subject: 'pod', mirror: true, reason: 'mirror-pod' };
}

/**
 * The row of the request's kind. Kind, resource and the object's own kind name the same row, or some are
 * silent: one alone is enough to be judged, and two that contradict each other are an error.
 */
export function podKindOf(request: AdmissionRequest): PodKind | undefined {
  const claims = [
    findPodKind(request.group, request.kind),
    findPodResource(request.resourceGroup, request.resource),
    claimedBy(request.object),
  ];
  const row = claims.find((claim) => claim !== undefined);
  const other = claims.find((claim) => claim !== undefined && claim !== row);
  if (row !== undefined && other !== undefined) {
    throw malformedObject(row, '', `a ${row.kind}`, `a ${other.kind}`);
  }
  return row;
}

function claimedBy(object: unknown): PodKind | undefined {
  if (!isJsonObject(object)) return undefined;
  const apiVersion = ownField(object, 'apiVersion');
  const kind = ownField(object, 'kind');
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  return findPodKind(apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '', kind);
}

/**
 * The image strings that the object names already, the empty string among them; `undefined` where everything is
 * to be judged: on CREATE, and on an UPDATE whose `oldObject` is missing or unreadable.
 */
function imagesBefore(request: AdmissionRequest, kind: PodKind): ReadonlySet<string> | undefined {
  if (request.operation !== 'UPDATE') return undefined;
  try {
    return new Set(readImages(request.oldObject, kind).map((use) => use.image));
  } catch {
    // Not ignored: an old object that says nothing excuses nothing, so every image is judged.
    return undefined;
  }
}

function judged(
  uses: readonly ImageUse[],
  before: ReadonlySet<string> | undefined,
  kind: PodKind,
): ImageUse[] {
  if (before === undefined && !uses.some((use) => use.kind === 'container')) {
    throw malformedObject(
      kind,
      `${jsonPointer(kind.podSpec)}/containers`,
      'at least one container',
      undefined,
    );
  }
  const fresh = uses.filter((use) => before === undefined || !before.has(use.image));
  return fresh.filter((use) => isNamed(use, kind));
}

/** False for an empty image of a template, which somebody fills in later. */
function isNamed(use: ImageUse, kind: PodKind): boolean {
  if (use.image === '' && kind.subject === 'template') return false;
  if (use.image === '') {
    const name = JSON.stringify(use.container.slice(0, 64));
    throw new CountersignError('IMAGE_EMPTY', `${use.path}: ${USE_WORDS[use.kind]} ${name} has no image`);
  }
  // The API server refuses white space around an image too; it is never part of a reference.
  if (use.image !== use.image.trim()) {
    throw new CountersignError('OBJECT_MALFORMED', `${use.path}: white space around the image`);
  }
  return true;
}

function bounded(uses: readonly ImageUse[]): readonly ImageUse[] {
  if (uses.length <= LIMITS.imagesPerReview) return uses;
  throw new CountersignError(
    'LIMIT_EXCEEDED',
    `the object names ${uses.length} images, ${LIMITS.imagesPerReview} is the limit`,
  );
}

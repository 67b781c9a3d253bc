// SPDX-License-Identifier: Apache-2.0
import {
  type AdmissionRequest,
  changesTemplate,
  controllerUid,
  type Listing,
  ownUid,
} from '../admission/index.ts';
import type { Decision } from '../decide.ts';
import type { Children, Owner, TagAnswer } from '../discover/index.ts';
import { formatRepository, type ImageReference } from '../image/index.ts';
import type { Case } from './case.ts';
import type { Call } from './deadline.ts';

/** What one object has of its parent, and leaves to its children: what tags gave. */
export type Family = {
  /** What the tag gave for the object's controller, where a controller asks. */
  recall(reference: ImageReference): TagAnswer | undefined;
  /** Notes what the tag gave, if the image is verified; nothing is remembered before {@link Family.leave}. */
  note(found: Partial<Case>, decision: Pick<Decision, 'verdict'>): void;
  /** Leaves what was noted to the object's children, in the place of what was there. */
  leave(): void;
};

/**
 * The family of an object, `undefined` where it has none or the caller is not proven. For a dry run nothing is left.
 * A tag is remembered by the canonical repository and when the registry was asked, however many generations ago.
 */
export function familyOf(
  request: AdmissionRequest,
  listing: Listing,
  children: Children | undefined,
  call: Call,
): Family | undefined {
  if (children === undefined || call.proven === false || listing.mirror) return undefined;
  const parent = parentOf(request, children);
  const own =
    listing.subject === 'template' && !request.dryRun ? ownerOf(request, ownUid(request)) : undefined;
  if (parent === undefined && own === undefined) return undefined;
  const noted = new Map<string, TagAnswer>();
  return {
    recall: (reference) => parent && children.recall(parent, tagOf(reference)),
    note: ({ reference, tag }, { verdict }) => {
      const isNoted = own !== undefined && verdict === 'verified';
      if (isNoted && reference !== undefined && tag !== undefined) noted.set(tagOf(reference), tag);
    },
    leave: () => {
      if (own !== undefined) children.replace(own, noted);
    },
  };
}

/** Forgets what was left by a template that an update changes: what its tags give now is for the registry to say. */
export function forgetOldTemplate(
  request: AdmissionRequest,
  { subject }: Listing,
  children: Children | undefined,
  call: Call,
): void {
  if (children === undefined || subject !== 'template' || request.operation !== 'UPDATE') return;
  if (call.proven === false || request.dryRun) return;
  const owner = ownerOf(request, ownUid(request));
  if (owner !== undefined && children.has(owner) && changesTemplate(request)) children.forget(owner);
}

/** Anybody can write owner references; only a controller's are believed, which it writes about what it made itself. */
function parentOf(request: AdmissionRequest, children: Children): Owner | undefined {
  return children.isController(request.user.username) ? ownerOf(request, controllerUid(request)) : undefined;
}

function ownerOf({ namespace }: AdmissionRequest, uid: string): Owner | undefined {
  return uid === '' ? undefined : { namespace, uid };
}

function tagOf(reference: ImageReference): string {
  return `${formatRepository(reference)}:${reference.tag ?? ''}`;
}

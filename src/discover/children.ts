// SPDX-License-Identifier: Apache-2.0
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../limits.ts';
import { lruBounds } from '../lru-bounds.ts';
import type { TagAnswer } from './tag-facts.ts';

/** An object that others are made from. The namespace is part of it, so that no UID reaches into another one. */
export type Owner = { readonly namespace: string; readonly uid: string };

/** What tags gave, by `repository:tag`. */
type TagAnswers = ReadonlyMap<string, TagAnswer>;

/**
 * What the tags in a template gave when the template was verified, for the Pods that controllers make from it. It
 * saves the look-up of the tag and nothing else: the child is discovered, verified and decided as anything is.
 */
export interface Children {
  /** Whether what this user creates is made from templates: only then may anything be recalled for it. */
  isController(username: string): boolean;
  /** Whether anything is remembered of the owner. */
  has(owner: Owner): boolean;
  /** What the tag gave, as long as that is less than {@link LIMITS}.childFactMs ago. */
  recall(owner: Owner, tag: string): TagAnswer | undefined;
  /** Puts this in the place of all that was remembered of the owner. */
  replace(owner: Owner, answers: TagAnswers): void;
  forget(owner: Owner): void;
}

/** An empty memory, of this process only; `controllers` are the user names of those who may have it read. */
export function createChildren(controllers: readonly string[]): Children {
  const trusted = new Set(controllers);
  const bounds = { entries: LIMITS.childOwners, bytes: LIMITS.childFactsBytes, sizeOf };
  const owners = new LRUCache<string, TagAnswers>(lruBounds(bounds));
  return {
    isController: (username) => trusted.has(username),
    has: (owner) => owners.has(keyOf(owner)),
    recall(owner, tag) {
      const answer = owners.get(keyOf(owner))?.get(tag);
      return answer !== undefined && performance.now() - answer.at < LIMITS.childFactMs ? answer : undefined;
    },
    replace(owner, answers) {
      owners.delete(keyOf(owner));
      // An object without a UID is not stored yet, and all such would be one.
      if (owner.uid !== '' && answers.size > 0) owners.set(keyOf(owner), answers);
    },
    forget: (owner) => {
      owners.delete(keyOf(owner));
    },
  };
}

function keyOf({ namespace, uid }: Owner): string {
  return `${namespace} ${uid}`;
}

function sizeOf(answers: TagAnswers, key: string): number {
  let bytes = key.length + LIMITS.factOverheadBytes;
  for (const tag of answers.keys()) bytes += tag.length + LIMITS.factOverheadBytes;
  return bytes;
}

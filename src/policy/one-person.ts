// SPDX-License-Identifier: Apache-2.0

/** What tells who made a signature: an identity, and the key that it was made with. */
export type Marks = { readonly identity: string; readonly keyFingerprint: string };

/**
 * One name for all identities that share a key, directly or by others between them: a key of the policy that also has a
 * certificate is one person, who must not count as two. Identities without anything in common keep their own names.
 */
export function personOf(all: readonly Marks[]): (identity: string) => string {
  const above = new Map<string, string>();
  const top = (mark: string): string => {
    let at = mark;
    for (let next = above.get(at); next !== undefined; next = above.get(at)) at = next;
    return at;
  };
  for (const { identity, keyFingerprint } of all) {
    const [one, other] = [top(identity), top(`key:${keyFingerprint}`)];
    if (one !== other) above.set(other, one);
  }
  return top;
}

// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import type { JsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import type { Signer } from '../policy/index.ts';

/** The signed annotations that are strings, by name. */
export type Annotations = Readonly<Record<string, string>>;

/**
 * The annotations of a payload or subject. Only strings can match and are kept: signers such as skopeo put
 * numbers beside them (cosign formats §3.3).
 *
 * @throws VerificationError LIMIT_EXCEEDED
 */
export function stringAnnotations(annotations: JsonObject): Annotations {
  const all = Object.entries(annotations);
  if (all.length > LIMITS.signatureAnnotations) {
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `the signature has ${all.length} annotations; at most ${LIMITS.signatureAnnotations} are read`,
    );
  }
  return Object.fromEntries(all.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Whether every annotation that the signer demands is there with the same string (cosign formats §3.4). */
export function carriesAnnotations(annotations: Annotations, signer: Signer): boolean {
  return missingAnnotation(annotations, signer) === undefined;
}

/**
 * Demands the annotations of the signer.
 *
 * @throws VerificationError ANNOTATION_MISMATCH
 */
export function demandAnnotations(annotations: Annotations, signer: Signer): void {
  const missing = missingAnnotation(annotations, signer);
  if (missing === undefined) return;
  const [name, value] = missing;
  const found = Object.hasOwn(annotations, name) ? quote(annotations[name] ?? '') : 'no such string';
  throw new VerificationError(
    'ANNOTATION_MISMATCH',
    `${signer.name} demands the annotation ${quote(name)} with ${quote(value)}; the signature has ${found}`,
  );
}

function missingAnnotation(annotations: Annotations, signer: Signer): [string, string] | undefined {
  return Object.entries(signer.annotations).find(
    ([name, value]) => !Object.hasOwn(annotations, name) || annotations[name] !== value,
  );
}

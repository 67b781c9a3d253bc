// SPDX-License-Identifier: Apache-2.0
import { isJsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { fieldAt, ownField } from './json-fields.ts';
import { podKindOf } from './list-images.ts';
import type { AdmissionRequest } from './parse-review.ts';

/**
 * The UID of the object itself, as the API server gives it: on CREATE only the validating review has one. Empty
 * where there is none.
 */
export function ownUid({ object }: AdmissionRequest): string {
  return uidOf(fieldAt(object, ['metadata']));
}

/**
 * The UID of the object's controller: of the one owner reference that says `controller: true`. Empty where there is
 * none, or more than one. Attacker input: whoever creates an object writes its owner references, so this says
 * something only of what a controller creates.
 */
export function controllerUid({ object }: AdmissionRequest): string {
  const references = fieldAt(object, ['metadata', 'ownerReferences']);
  if (!Array.isArray(references)) return '';
  const controllers = references.filter((one) => isJsonObject(one) && ownField(one, 'controller') === true);
  return controllers.length === 1 ? uidOf(controllers[0]) : '';
}

/** Whether an update changes anything in the template of the object; also where that cannot be told. */
export function changesTemplate(request: AdmissionRequest): boolean {
  const path = podKindOf(request)?.podSpec.slice(0, -1) ?? [];
  const before = JSON.stringify(fieldAt(request.oldObject, path));
  return before === undefined || before !== JSON.stringify(fieldAt(request.object, path));
}

function uidOf(holder: unknown): string {
  const uid = isJsonObject(holder) ? ownField(holder, 'uid') : undefined;
  return typeof uid === 'string' && uid.length <= LIMITS.reviewUidLength ? uid : '';
}

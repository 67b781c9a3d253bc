// SPDX-License-Identifier: Apache-2.0
import { isJsonObject } from '../json-object.ts';
import { ownField } from './json-fields.ts';
import type { AdmissionRequest } from './parse-review.ts';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const NODES_GROUP = 'system:nodes';
const NODE_USER = 'system:node:';

/**
 * True where a kubelet tells the API server of a static Pod that it runs already: nothing is gained by denying
 * that. Attacker input: annotation and nodeName are the author's to write, so on their own they mean nothing. What counts is
 * `userInfo`, which the API server vouches for: a node, creating a Pod on itself. The request must be for a Pod.
 */
export function isMirrorPod(request: AdmissionRequest): boolean {
  if (request.operation !== 'CREATE' || request.subResource !== '') return false;
  if (!request.user.groups.includes(NODES_GROUP)) return false;
  const nodeName = textAt(request.object, ['spec', 'nodeName']);
  if (nodeName === '' || request.user.username !== `${NODE_USER}${nodeName}`) return false;
  return textAt(request.object, ['metadata', 'annotations', MIRROR_ANNOTATION]) !== '';
}

/** The string at the end of these fields, or the empty string where there is none. */
function textAt(object: unknown, path: readonly string[]): string {
  let here = object;
  for (const name of path) here = isJsonObject(here) ? ownField(here, name) : undefined;
  return typeof here === 'string' ? here : '';
}

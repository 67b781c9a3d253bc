// SPDX-License-Identifier: Apache-2.0
import { POD_KINDS } from '../admission/index.ts';
import { editDistance } from '../policy/index.ts';

/** A kind that holds Pods and was probably meant, such as `apps/v1 Deployment`. */
export type NearMiss = {
  readonly meant: string;
  /** No API server has what is written: groups without a dot are the built-in ones, and they have no such kind. */
  readonly isRefused: boolean;
};

/** What was meant by a kind that holds no Pods, where its name is (nearly) that of one that does. */
export function nearMiss(apiVersion: string, kind: string): NearMiss | undefined {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const near = POD_KINDS.map((row) => ({ row, distance: distance(kind, row.kind) }))
    .filter((one) => one.distance <= reach(kind))
    .sort((a, b) => a.distance - b.distance);
  if (near.some(({ row }) => row.kind === kind && row.groups.includes(group))) return undefined;
  const [nearest] = near;
  if (nearest === undefined) return undefined;
  const [first = ''] = nearest.row.groups;
  const version = first === '' ? 'v1' : `${first}/v1`;
  return { meant: `${version} ${nearest.row.kind}`, isRefused: !group.includes('.') };
}

function distance(a: string, b: string): number {
  return Math.abs(a.length - b.length) > 2 ? 3 : editDistance(a.toLowerCase(), b.toLowerCase());
}

/** Short names are near to too much: a Node is two steps from a Pod. */
function reach(kind: string): number {
  return kind.length < 6 ? 1 : 2;
}

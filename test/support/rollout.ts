// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { type Call, type Deps, mutate, validate } from '../../src/evaluate.ts';
import { vectorsPath } from './vectors.ts';

/** The host and the digestless image of the recordings, and how it is written with a digest. */
const RECORDED_HOST = /127\.0\.0\.1:5001/g;

type Review = { readonly request: { object: object; [name: string]: unknown } };

/** A recorded review by its number, with its images on this host. */
export function recordedReview(number: string, host: string): Review {
  const file = readdirSync(vectorsPath('reviews')).find((name) => name.startsWith(`${number}-`));
  if (file === undefined) throw new Error(`no recorded review ${number}`);
  return JSON.parse(readFileSync(vectorsPath('reviews', file), 'utf8').replace(RECORDED_HOST, host));
}

/** What an object of the recordings goes through: /mutate, its patch, /validate. */
export async function admit(mutating: Review, validating: Review, deps: Deps, call: () => Call) {
  const { answer } = await mutate(mutating, deps, call());
  const patch = (answer.response as { readonly patch?: string }).patch;
  for (const { path, value } of patch === undefined ? [] : readPatch(patch)) {
    put(validating.request.object, path.split('/').slice(1), value);
  }
  return { patched: patch !== undefined, judgement: await validate(validating, deps, call()) };
}

type Operation = { readonly path: string; readonly value: string };

function readPatch(patch: string): Operation[] {
  return JSON.parse(Buffer.from(patch, 'base64').toString());
}

function put(object: unknown, [name = '', ...others]: readonly string[], value: string): void {
  const holder = object as Record<string, unknown>;
  if (others.length === 0) holder[name] = value;
  else put(holder[name], others, value);
}

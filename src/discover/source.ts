// SPDX-License-Identifier: Apache-2.0
import type { Digest, Repository } from '../image/index.ts';
import {
  type Descriptor,
  type Exchange,
  type Manifest,
  type ParsedManifest,
  parseManifest,
  type Registry,
} from '../registry/index.ts';
import type { Slots } from '../sharing/index.ts';
import type { Budget } from './budget.ts';

/** How to reach the content of one repository, under one deadline and one bound of parallel requests. */
export type Source = {
  readonly registry: Registry;
  readonly repository: Repository;
  readonly exchange: Exchange;
  readonly slots: Slots;
  readonly budget: Budget;
};

/**
 * A manifest or an index within its own limit and what is left of the budget; `undefined` where there is none.
 *
 * @param reference a digest, or a tag of the repository
 */
export function fetchManifest(
  reference: Digest | { readonly tag: string },
  limit: number,
  { registry, repository, exchange, slots, budget }: Source,
): Promise<Manifest | undefined> {
  return slots(() => registry.manifest(repository, reference, exchange, { limit, take: budget.takeJson }));
}

/** The same, parsed; its bytes are let go at once. */
export async function readManifest(
  reference: Digest | { readonly tag: string },
  limit: number,
  source: Source,
): Promise<ParsedManifest | undefined> {
  const found = await fetchManifest(reference, limit, source);
  return found && parseManifest(found);
}

/** A blob within its own limit and what is left of the budget. */
export async function readBlob(layer: Descriptor, limit: number, source: Source): Promise<Uint8Array> {
  const { registry, repository, exchange, slots, budget } = source;
  if (layer.size <= limit) budget.takeBytes(layer.size);
  return slots(() => registry.blob(repository, layer, limit, exchange));
}

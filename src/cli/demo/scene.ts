// SPDX-License-Identifier: Apache-2.0
import type { DemoObject } from './objects.ts';
import type { DemoStage } from './stage.ts';

/** One line of the story: what happens, and the answer that must come. */
export type Scene = {
  readonly title: string;
  readonly expected: { readonly allowed: boolean; readonly code: string; readonly pinned?: boolean };
  readonly before?: (stage: DemoStage) => Promise<void>;
  readonly create: (stage: DemoStage) => DemoObject;
};

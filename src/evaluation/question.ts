// SPDX-License-Identifier: Apache-2.0
import type { ImageUse } from '../admission/index.ts';
import type { Children, Facts } from '../discover/index.ts';
import type { PullSecrets } from '../kubernetes/index.ts';
import type { CompiledPolicy, Scope } from '../policy/index.ts';
import type { RequestKind } from '../registry/index.ts';
import type { TrustRoots } from '../verify/index.ts';
import type { Bring } from './bring-credentials.ts';
import type { Family } from './family.ts';
import type { Admit } from './waiting-room.ts';

/** The stages of the pipeline, as metrics and logs name them. */
export type Stage = 'parse' | 'list' | 'match' | 'resolve' | 'discover' | 'verify' | 'decide' | 'render';

/** What an evaluation needs of the world. One frozen snapshot of policies: a reload makes a new value. */
export type Deps = {
  readonly policies: readonly CompiledPolicy[];
  readonly facts: Facts;
  /** What certificates, logs and timestamps are verified by: one frozen snapshot, too. Absent: nothing but keys is trusted. */
  readonly trust?: TrustRoots;
  /** Now, in milliseconds since the epoch. */
  readonly clock: () => number;
  readonly observe: (stage: Stage, milliseconds: number) => void;
  readonly onRegistryRequest?: (kind: RequestKind) => void;
  /** Bounds the questions that wait for the network, in all and of one namespace; absent: not bounded. */
  readonly admit?: Admit;
  /** Labels of a Namespace, where they are known; a rule that needs unknown ones is inconclusive. */
  readonly namespaceLabels?: (namespace: string) => Readonly<Record<string, string>> | undefined;
  /** What tags gave in templates, for the Pods made from them; absent: every tag is asked for. */
  readonly children?: Children;
  /** The pull secrets of Pods and of the installation; absent: none are read. */
  readonly pullSecrets?: PullSecrets;
};

/** One image string and everywhere it is used. */
export type AskedImage = { readonly image: string; readonly uses: readonly ImageUse[] };

/** What holds the images: a Pod, a template of Pods, or neither (a reference on a command line). */
export type Subject = 'pod' | 'template' | 'none';

/** Which images are asked about, and under which circumstances. */
export type Question = {
  readonly images: readonly AskedImage[];
  readonly scope: Scope;
  readonly subject: Subject;
  /**
   * `enforced`: as if every rule were enforced (the `verify` command); `reported`: as if every rule were in
   * audit (the container runs already); else the modes of the policies.
   */
  readonly modes?: 'enforced' | 'reported';
  /** A Pod image without digest is denied where its rule pins. */
  readonly checkPins: boolean;
  /** What the object has of its parent and leaves to its children. */
  readonly family?: Family;
  /** The credentials of the object, read where a registry has to be asked; absent: our own are all there are. */
  readonly bring?: Bring;
};

/** The distinct image strings in the order of their first use: each is judged once. */
export function distinctImages(uses: readonly ImageUse[]): AskedImage[] {
  const only = uses.length === 1 ? uses[0] : undefined;
  if (only !== undefined) return [{ image: only.image, uses }];
  return [...Map.groupBy(uses, (use) => use.image)].map(([image, its]) => ({ image, uses: its }));
}

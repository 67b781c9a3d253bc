// SPDX-License-Identifier: Apache-2.0
import { loadPolicies } from '../config/index.ts';
import { type Call, type Deps, mutate, validate } from '../evaluate.ts';
import { exitCode, type ImageReport, reportOf } from '../report/index.ts';
import { startEngine } from './engine.ts';
import { setAtPointer } from './json-pointer.ts';
import { namespaceLabelsOf, reviewOf } from './manifest-review.ts';
import { readManifests } from './manifests.ts';
import { sayNotJudged } from './not-judged.ts';
import { durationOf } from './option-values.ts';
import type { Manifest } from './parse-manifests.ts';
import { type OutputFormat, printReport } from './print-report.ts';
import type { Terminal } from './terminal.ts';

type CheckOptions = {
  readonly policy: readonly string[];
  readonly namespace: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly trustedRoot?: string;
  readonly output: OutputFormat;
  readonly timeout: string;
};

/**
 * `countersign check FILE…`: every object as if it were created now, through /mutate and then /validate, so
 * that the answer is the cluster's. Labels of Namespaces come from Namespace objects among the manifests, else
 * from `--namespace-labels`.
 */
export async function checkCommand(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const manifests = await readManifests(paths, terminal);
  const engine = startEngine(loadPolicies(options.policy), options, terminal);
  const labels = namespaceLabelsOf(manifests);
  const deps: Deps = {
    ...engine.deps,
    namespaceLabels: (namespace) => labels.get(namespace) ?? options.namespaceLabels,
  };
  try {
    // One deadline for all objects, and for both questions about each.
    const call = {
      signal: new AbortController().signal,
      budgetMs: durationOf('--timeout', options.timeout),
      startedAt: performance.now(),
    };
    const checked = await Promise.all(
      manifests.map((manifest) => checkOne(manifest, options.namespace, deps, call)),
    );
    const report = reportOf(checked.flatMap(({ images }) => images));
    printReport(report, options.output, terminal);
    sayNotJudged(
      checked.filter(({ isJudged }) => !isJudged).map(({ manifest }) => manifest),
      terminal,
    );
    return exitCode(report);
  } finally {
    await engine.close();
  }
}

type Checked = {
  readonly manifest: Manifest;
  readonly images: readonly ImageReport[];
  readonly isJudged: boolean;
};

async function checkOne(manifest: Manifest, namespace: string, deps: Deps, call: Call): Promise<Checked> {
  const review = reviewOf(manifest, namespace);
  const { pins } = await mutate(review, deps, call);
  for (const { pin, uses } of pins) {
    if (pin === undefined) continue;
    for (const { path } of uses) setAtPointer(review.request['object'] as object, path, pin);
  }
  const { listing, report } = await validate(review, deps, call);
  const object = `${manifest.file}: ${manifest.title}`;
  const images = report.images.map((image) => ({
    ...image,
    image: pins.find(({ pin }) => pin === image.image)?.image ?? image.image,
    uses: image.uses.map((use) => ({ ...use, object })),
    ...(image.object === undefined ? {} : { object }),
  }));
  return { manifest, images, isJudged: listing.reason !== 'unknown-kind' };
}

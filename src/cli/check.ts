// SPDX-License-Identifier: Apache-2.0
import { parseDuration } from '../admission/index.ts';
import { loadPolicies } from '../config/index.ts';
import { type Deps, mutate, validate } from '../evaluate.ts';
import { exitCode, type ImageReport, reportOf } from '../report/index.ts';
import { startEngine } from './engine.ts';
import { setAtPointer } from './json-pointer.ts';
import { namespaceLabelsOf, reviewOf } from './manifest-review.ts';
import { type Manifest, readManifests } from './manifests.ts';
import { type OutputFormat, printReport } from './print-report.ts';
import type { Terminal } from './terminal.ts';

type CheckOptions = {
  readonly policy: readonly string[];
  readonly namespace: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly config?: string;
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
    const budgetMs = parseDuration(options.timeout);
    const reports = await Promise.all(
      manifests.map((one) => checkOne(one, options.namespace, deps, budgetMs)),
    );
    const report = reportOf(reports.flat());
    printReport(report, options.output, terminal);
    return exitCode(report);
  } finally {
    await engine.close();
  }
}

async function checkOne(
  manifest: Manifest,
  namespace: string,
  deps: Deps,
  budgetMs: number,
): Promise<ImageReport[]> {
  const call = { signal: new AbortController().signal, budgetMs };
  const review = reviewOf(manifest, namespace);
  const { pins } = await mutate(review, deps, call);
  for (const { pin, uses } of pins) {
    for (const { path } of uses)
      if (pin !== undefined) setAtPointer(review.request['object'] as object, path, pin);
  }
  const { report } = await validate(review, deps, call);
  return report.images.map((image) => ({
    ...image,
    image: pins.find(({ pin }) => pin === image.image)?.image ?? image.image,
    uses: image.uses.map((use) => ({ ...use, object: manifest.name })),
  }));
}

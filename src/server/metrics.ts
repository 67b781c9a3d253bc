// SPDX-License-Identifier: Apache-2.0
import { Registry } from 'prom-client';
import type { FactKind } from '../discover/index.ts';
import type { Stage } from '../evaluate.ts';
import type { RequestKind } from '../registry/index.ts';
import type { Report } from '../report/index.ts';
import { type BesideMetrics, kubernetesMetrics, reloadMetrics } from './beside-metrics.ts';
import { type RequestMetrics, requestMetrics } from './request-metrics.ts';
import { children, counter } from './tallies.ts';
import { createTimeHistogram } from './time-histogram.ts';
import { type TrustMetrics, trustMetrics } from './trust-metrics.ts';
import { type WaitingMetrics, waitingMetrics } from './waiting-metrics.ts';

const STAGES: readonly Stage[] = [
  'parse',
  'list',
  'match',
  'resolve',
  'discover',
  'verify',
  'decide',
  'render',
];
const REQUEST_KINDS: readonly RequestKind[] = ['token', 'manifest', 'blob', 'referrers', 'tags'];
const FACT_KINDS: readonly FactKind[] = ['tag', 'signatures', 'platforms'];
/** Seconds: the pure stages take microseconds, the others as long as a registry, up to the longest deadline. */
const STAGE_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

/**
 * What the server counts; `docs/reference/metrics.md` says what each is. Every label value comes from a list
 * in this source (stages, codes, kinds, HTTP statuses), never from a request.
 */
export type Metrics = BesideMetrics &
  TrustMetrics &
  WaitingMetrics &
  RequestMetrics & {
    /** `Deps.observe` of the pipeline; milliseconds. */
    stage(stage: Stage, milliseconds: number): void;
    /** `Deps.onRegistryRequest` of the pipeline. */
    registryRequest(kind: RequestKind): void;
    /** `onLookup` of `createFacts`. */
    factLookup(kind: FactKind, hit: boolean): void;
    judged(report: Report): void;
    unknownKind(): void;
    /** The Prometheus text exposition of it all. */
    text(): Promise<string>;
    readonly contentType: string;
  };

/** Metrics in a registry of their own, all at zero. */
export function createMetrics(): Metrics {
  const register = new Registry();
  const { times: stageTimes, ...pipeline } = pipelineMetrics(register);
  const { times: requestTimes, ...requests } = requestMetrics(register);
  return {
    ...pipeline,
    ...decisionMetrics(register),
    ...requests,
    ...waitingMetrics(register),
    ...reloadMetrics(register),
    ...trustMetrics(register),
    ...kubernetesMetrics(register),
    text: async () => [await register.metrics(), stageTimes(), requestTimes()].join('\n'),
    contentType: register.contentType,
  };
}

/** With `times`, the text of a histogram that prom-client does not know. */
type Timed = { readonly times: () => string };

function pipelineMetrics(
  register: Registry,
): Pick<Metrics, 'stage' | 'registryRequest' | 'factLookup'> & Timed {
  const duration = createTimeHistogram({
    name: 'countersign_stage_duration_seconds',
    help: 'Time that one stage took for one image (parse, list and render: for one review).',
    label: 'stage',
    values: STAGES,
    buckets: STAGE_BUCKETS,
  });
  const requests = counter(
    register,
    'countersign_registry_requests_total',
    'Requests to registries.',
    'kind',
  );
  const hits = counter(register, 'countersign_cache_hits_total', 'Facts found in the cache.', 'cache');
  const misses = counter(
    register,
    'countersign_cache_misses_total',
    'Facts looked for in the cache in vain.',
    'cache',
  );
  const kinds = children(REQUEST_KINDS, (kind) => requests.of(kind));
  const hitsOf = children(FACT_KINDS, (kind) => hits.of(kind));
  const missesOf = children(FACT_KINDS, (kind) => misses.of(kind));
  return {
    stage: duration.observe,
    times: duration.text,
    registryRequest(kind) {
      kinds[kind].count += 1;
    },
    factLookup(kind, hit) {
      (hit ? hitsOf : missesOf)[kind].count += 1;
    },
  };
}

function decisionMetrics(register: Registry): Pick<Metrics, 'judged' | 'unknownKind'> {
  const decisions = counter(
    register,
    'countersign_decisions_total',
    'Images judged by /validate.',
    'decision',
    'mode',
    'verdict',
    'code',
  );
  const outcomes = counter(
    register,
    'countersign_outcomes_total',
    'Signatures held against signers.',
    'status',
    'code',
  );
  const unknown = counter(
    register,
    'countersign_unknown_kinds_total',
    'Objects let in unread because their kind is not known to hold a Pod.',
  );
  const unknownKinds = unknown.of();
  return {
    judged(report) {
      for (const image of report.images) {
        const { decision, mode, verdict, code } = image;
        decisions.of(decision, mode, verdict, code).count += 1;
        for (const { status, code } of image.outcomes) outcomes.of(status, code).count += 1;
      }
    },
    unknownKind() {
      unknownKinds.count += 1;
    },
  };
}

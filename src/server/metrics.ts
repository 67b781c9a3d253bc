// SPDX-License-Identifier: Apache-2.0
import { Counter, Gauge, Registry } from 'prom-client';
import type { FactKind } from '../discover/index.ts';
import type { Stage } from '../evaluate.ts';
import type { RequestKind } from '../registry/index.ts';
import type { Report } from '../report/index.ts';
import { createTimeHistogram } from './time-histogram.ts';

/** The doors of the server. */
export type Endpoint = 'validate' | 'mutate';

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
const ENDPOINTS: readonly Endpoint[] = ['validate', 'mutate'];
const REQUEST_KINDS: readonly RequestKind[] = ['token', 'manifest', 'blob', 'referrers', 'tags'];
const FACT_KINDS: readonly FactKind[] = ['tag', 'signatures'];
/** Seconds: the pure stages take microseconds, the others as long as a registry, up to the longest deadline. */
const STAGE_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];
const REQUEST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * What the server counts; `docs/reference/metrics.md` says what each is. Every label value comes from a list
 * in this source (stages, codes, kinds, HTTP statuses), never from a request.
 */
export type Metrics = {
  /** `Deps.observe` of the pipeline; milliseconds. */
  stage(stage: Stage, milliseconds: number): void;
  /** `Deps.onRegistryRequest` of the pipeline. */
  registryRequest(kind: RequestKind): void;
  /** `onLookup` of `createFacts`. */
  factLookup(kind: FactKind, hit: boolean): void;
  judged(report: Report): void;
  unknownKind(): void;
  requestStarted(): void;
  /** `aborted`: the caller went away before its answer. */
  requestEnded(endpoint: Endpoint, status: number | 'aborted', milliseconds: number): void;
  /** Times are milliseconds since the epoch. */
  policiesLoaded(at: number): void;
  policiesFailed(): void;
  certificateLoaded(expiresAt: number): void;
  certificateFailed(): void;
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
    ...reloadMetrics(register),
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
  const kinds = children(REQUEST_KINDS, (kind) => atZero(requests, kind));
  const hitsOf = children(FACT_KINDS, (kind) => atZero(hits, kind));
  const missesOf = children(FACT_KINDS, (kind) => atZero(misses, kind));
  return {
    stage: duration.observe,
    times: duration.text,
    registryRequest: (kind) => kinds[kind].inc(),
    factLookup: (kind, hit) => (hit ? hitsOf : missesOf)[kind].inc(),
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
  const decisionOf = remembered(decisions);
  const outcomeOf = remembered(outcomes);
  return {
    judged(report) {
      for (const image of report.images) {
        const { decision, mode, verdict, code } = image;
        decisionOf(decision, mode, verdict, code).inc();
        for (const { status, code } of image.outcomes) outcomeOf(status, code).inc();
      }
    },
    unknownKind: () => unknown.inc(),
  };
}

function requestMetrics(register: Registry): Pick<Metrics, 'requestStarted' | 'requestEnded'> & Timed {
  const requests = counter(
    register,
    'countersign_requests_total',
    'Admission requests by HTTP status.',
    'endpoint',
    'status',
  );
  const duration = createTimeHistogram({
    name: 'countersign_request_duration_seconds',
    help: 'Time from the headers of an admission request to the end of its answer.',
    label: 'endpoint',
    values: ENDPOINTS,
    buckets: REQUEST_BUCKETS,
  });
  const underWay = gauge(register, 'countersign_requests_in_flight', 'Admission requests under way.');
  const requestsOf = remembered(requests);
  return {
    times: duration.text,
    requestStarted: () => underWay.inc(),
    requestEnded(endpoint, status, milliseconds) {
      underWay.dec();
      requestsOf(endpoint, String(status)).inc();
      duration.observe(endpoint, milliseconds);
    },
  };
}

function reloadMetrics(
  register: Registry,
): Pick<Metrics, 'policiesLoaded' | 'policiesFailed' | 'certificateLoaded' | 'certificateFailed'> {
  const results = ['ok', 'error'] as const;
  const policies = counter(
    register,
    'countersign_policy_reloads_total',
    'Loads of the policies; after an error the old ones stay in force.',
    'result',
  );
  const certificates = counter(
    register,
    'countersign_certificate_reloads_total',
    'Loads of the TLS certificate; after an error the old one stays in use.',
    'result',
  );
  const loaded = gauge(
    register,
    'countersign_policy_loaded_timestamp_seconds',
    'When the policies in force were loaded.',
  );
  const expiry = gauge(
    register,
    'countersign_certificate_expiry_timestamp_seconds',
    'When the TLS certificate in use expires.',
  );
  const policyLoads = children(results, (result) => atZero(policies, result));
  const certificateLoads = children(results, (result) => atZero(certificates, result));
  return {
    policiesLoaded(at) {
      policyLoads.ok.inc();
      loaded.set(at / 1000);
    },
    policiesFailed: () => policyLoads.error.inc(),
    certificateLoaded(expiresAt) {
      certificateLoads.ok.inc();
      expiry.set(expiresAt / 1000);
    },
    certificateFailed: () => certificateLoads.error.inc(),
  };
}

function counter<Label extends string>(
  register: Registry,
  name: string,
  help: string,
  ...labelNames: Label[]
): Counter<Label> {
  return new Counter({ name, help, labelNames, registers: [register] });
}

function gauge(register: Registry, name: string, help: string): Gauge {
  return new Gauge({ name, help, registers: [register] });
}

/** A series that is there from the start, so that a rate over its first increment is seen. */
function atZero(parent: Counter<string>, label: string): { inc(): void } {
  const child = parent.labels(label);
  child.inc(0);
  return child;
}

/** One child per label value, looked up once: prom-client hashes the labels again at every `inc({ … })`. */
function children<Name extends string, Child>(
  names: readonly Name[],
  make: (name: Name) => Child,
): Readonly<Record<Name, Child>> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Child>;
}

/** The same where the values are known only when they occur. They are of closed lists, so this stays small. */
function remembered(parent: Counter<string>): (...values: string[]) => { inc(): void } {
  const known = new Map<string, { inc(): void }>();
  return (...values) => {
    const key = values.join(' ');
    const child = known.get(key) ?? parent.labels(...values);
    known.set(key, child);
    return child;
  };
}

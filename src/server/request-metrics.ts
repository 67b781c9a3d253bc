// SPDX-License-Identifier: Apache-2.0
import { Gauge, type Registry } from 'prom-client';
import { counter } from './tallies.ts';
import { createTimeHistogram } from './time-histogram.ts';

/** The doors of the server. */
export type Endpoint = 'validate' | 'mutate';

const ENDPOINTS: readonly Endpoint[] = ['validate', 'mutate'];
/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Requests to the two webhooks. */
export type RequestMetrics = {
  /** `proven`: whether the caller is taken for the API server. */
  requestStarted(proven: boolean): void;
  /** `aborted`: the caller went away before its answer. */
  requestEnded(endpoint: Endpoint, status: number | 'aborted', milliseconds: number): void;
};

/** These metrics in a registry; `times` is the text of the histogram, which prom-client does not know. */
export function requestMetrics(register: Registry): RequestMetrics & { readonly times: () => string } {
  const requests = counter(
    register,
    'countersign_requests_total',
    'Admission requests by HTTP status.',
    'endpoint',
    'status',
  );
  const unproven = counter(
    register,
    'countersign_unproven_requests_total',
    'Admission requests of callers without a certificate of --client-ca.',
  );
  const unprovenRequests = unproven.of();
  const duration = createTimeHistogram({
    name: 'countersign_request_duration_seconds',
    help: 'Time from the headers of an admission request to the end of its answer.',
    label: 'endpoint',
    values: ENDPOINTS,
    buckets: BUCKETS,
  });
  let underWay = 0;
  new Gauge({
    name: 'countersign_requests_in_flight',
    help: 'Admission requests under way.',
    registers: [register],
    collect() {
      this.set(underWay);
    },
  });
  return {
    times: duration.text,
    requestStarted(proven) {
      underWay += 1;
      if (!proven) unprovenRequests.count += 1;
    },
    requestEnded(endpoint, status, milliseconds) {
      underWay -= 1;
      requests.of(endpoint, String(status)).count += 1;
      duration.observe(endpoint, milliseconds);
    },
  };
}

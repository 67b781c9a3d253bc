// SPDX-License-Identifier: Apache-2.0
import { Gauge, type Registry } from 'prom-client';
import type { Code } from '../errors.ts';
import { children, counter } from './tallies.ts';

/** What happens beside the requests. Times are milliseconds since the epoch. */
export type BesideMetrics = {
  policiesLoaded(at: number): void;
  policiesFailed(): void;
  certificateLoaded(expiresAt: number): void;
  certificateFailed(): void;
  /** What was asked of the API server went wrong. */
  kubernetesFailed(code: Code): void;
};

/** What is loaded beside the requests: policies and certificate. */
export function reloadMetrics(register: Registry): Omit<BesideMetrics, 'kubernetesFailed'> {
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
  const current = gauge(
    register,
    'countersign_policy_last_reload_successful',
    'Whether the policies in force are the newest: 0 while newer ones are broken.',
  );
  const expiry = gauge(
    register,
    'countersign_certificate_expiry_timestamp_seconds',
    'When the TLS certificate in use expires.',
  );
  const policyLoads = children(results, (result) => policies.of(result));
  const certificateLoads = children(results, (result) => certificates.of(result));
  return {
    policiesLoaded(at) {
      policyLoads.ok.count += 1;
      loaded.set(at / 1000);
      current.set(1);
    },
    policiesFailed() {
      policyLoads.error.count += 1;
      current.set(0);
    },
    certificateLoaded(expiresAt) {
      certificateLoads.ok.count += 1;
      expiry.set(expiresAt / 1000);
    },
    certificateFailed() {
      certificateLoads.error.count += 1;
    },
  };
}

function gauge(register: Registry, name: string, help: string): Gauge {
  return new Gauge({ name, help, registers: [register] });
}

/** What was asked of the API server. */
export function kubernetesMetrics(register: Registry): Pick<BesideMetrics, 'kubernetesFailed'> {
  const failures = counter(
    register,
    'countersign_kubernetes_failures_total',
    'What went wrong with the API server; it is tried again, and what was known stays in use.',
    'code',
  );
  return {
    kubernetesFailed(code) {
      failures.of(code).count += 1;
    },
  };
}

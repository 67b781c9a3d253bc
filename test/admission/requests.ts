// SPDX-License-Identifier: Apache-2.0
import type { AdmissionRequest } from '../../src/admission/index.ts';

/** The request that creates a Pod of one container, less what the test changes. */
export function podRequest(changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: '3ed235bf-38b6-43ee-b6e6-3f6b31668ed3',
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    resource: 'pods',
    resourceGroup: '',
    subResource: '',
    namespace: 'team-a',
    name: 'web',
    dryRun: false,
    user: { username: 'alice', groups: ['system:authenticated'] },
    object: pod({ containers: [{ name: 'app', image: 'nginx:1' }] }),
    oldObject: undefined,
    ...changes,
  };
}

/** A Pod with this spec. */
export function pod(spec: unknown, metadata: unknown = {}): unknown {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec };
}

/** The request that creates a Deployment with this pod spec, less what the test changes. */
export function deploymentRequest(spec: unknown, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const object = deployment(spec);
  return podRequest({
    group: 'apps',
    kind: 'Deployment',
    resource: 'deployments',
    resourceGroup: 'apps',
    object,
    ...changes,
  });
}

/** A Deployment with this pod spec. */
export function deployment(spec: unknown): unknown {
  return { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec } } };
}

/** The request that updates a Pod from one spec to another. */
export function podUpdate(
  before: unknown,
  after: unknown,
  changes: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  return podRequest({ operation: 'UPDATE', object: pod(after), oldObject: pod(before), ...changes });
}

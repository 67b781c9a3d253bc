// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { createTestCertificate } from '../../../src/testing/index.ts';
import type { ApiObject } from './api.ts';

/** Somebody else's mutating webhook, as a service mesh has one. */
export type SidecarInjector = {
  /** Its MutatingWebhookConfiguration: Pods with the label `inject: yes`. Its name comes after ours, and so does its turn. */
  readonly configuration: object;
  stop(): Promise<void>;
};

/** Adds a container `sidecar` with the image that the Pod's annotation `sidecar` names, unless there is one. */
export async function startSidecarInjector(): Promise<SidecarInjector> {
  const { certificate, privateKey, ca } = createTestCertificate();
  const server = createServer({ cert: certificate, key: privateKey }, async (request, response) => {
    const { request: asked } = (await json(request)) as ApiObject;
    const { containers } = asked.object.spec;
    const image = asked.object.metadata.annotations?.sidecar;
    const there = containers.some(({ name }: ApiObject) => name === 'sidecar');
    const patch = [{ op: 'add', path: '/spec/containers/-', value: { name: 'sidecar', image } }];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(asked.uid, there ? [] : patch)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    configuration: configurationFor(`https://127.0.0.1:${address.port}/`, ca),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(uid: string, patch: readonly object[]) {
  const response = {
    uid,
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function configurationFor(url: string, ca: string) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'sidecar-injector' },
    webhooks: [
      {
        name: 'sidecar.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
        objectSelector: { matchLabels: { inject: 'yes' } },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      },
    ],
  };
}

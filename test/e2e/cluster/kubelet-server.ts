// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:https';
import { createTestCertificate } from '../../../src/testing/index.ts';
import type { LocalPod } from './local-pod.ts';

/** What the API server asks a kubelet for when somebody says `kubectl logs`. */
export async function startKubeletServer(pods: () => readonly LocalPod[]) {
  const { certificate, privateKey } = createTestCertificate();
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    const [, route, namespace, name] = new URL(request.url ?? '', 'https://kubelet').pathname.split('/');
    const pod = pods().find((one) => one.name === name && one.namespace === namespace);
    if (route !== 'containerLogs' || pod === undefined) return void response.writeHead(404).end();
    response.end(pod.output());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';

/** A small HTTP service of this process. */
export type LoopbackServer = { readonly url: string; stop(): Promise<void> };

/** Serves JSON on a free port of loopback: what `answer` gives for a path and a body, and 404 where that is nothing. */
export async function serveLoopback(
  answer: (path: string, body: string) => object | undefined,
): Promise<LoopbackServer> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const found = answer(request.url ?? '', body);
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

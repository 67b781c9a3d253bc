// SPDX-License-Identifier: Apache-2.0
import { Agent, request } from 'node:https';

/** What the API server answered. */
export type ApiAnswer = {
  readonly status: number;
  readonly body: ApiObject;
  /** The texts of its Warning headers. */
  readonly warnings: readonly string[];
  readonly milliseconds: number;
};

/** An object of the API, or the Status that stands for an error; nothing is known about its members. */
// biome-ignore lint/suspicious/noExplicitAny: tests look deep into objects whose shape the API server vouches for
export type ApiObject = any;

/** Asks the API server without kubectl, where a test needs many answers fast. */
export type Api = {
  ask(method: string, path: string, body?: unknown, options?: AskOptions): Promise<ApiAnswer>;
  close(): void;
};

type AskOptions = { readonly token?: string; readonly contentType?: string };

export type ApiAddress = { readonly port: number; readonly ca: string; readonly token: string };

export function connectApi({ port, ca, token }: ApiAddress): Api {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ca });
  return {
    ask(method, path, body, options = {}) {
      const start = performance.now();
      const text = body === undefined ? undefined : JSON.stringify(body);
      return new Promise((resolve, reject) => {
        const sent = request({
          host: '127.0.0.1',
          port,
          path,
          method,
          agent,
          timeout: 30_000,
          headers: {
            authorization: `Bearer ${options.token ?? token}`,
            accept: 'application/json',
            ...(text !== undefined && {
              'content-type': options.contentType ?? 'application/json',
              'content-length': Buffer.byteLength(text),
            }),
          },
        });
        sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in 30 s`)));
        sent.on('error', reject);
        sent.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('error', reject);
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const answered = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode ?? 0,
              body: parsed(answered),
              warnings: warningsOf(response.headers['warning']),
              milliseconds: performance.now() - start,
            });
          });
        });
        sent.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}

function parsed(text: string): ApiObject {
  try {
    return JSON.parse(text);
  } catch {
    // Not swallowed: /readyz and the like answer with plain text.
    return text;
  }
}

// RFC 7234 §5.5: `299 - "text"`; Node joins several by a comma.
function warningsOf(header: string | undefined): string[] {
  return [...(header ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}

// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, answerError, answerJson } from './answer.ts';
import type { Gate } from './auth.ts';
import { answerBlob, answerUpload, type Uploads } from './blobs.ts';
import { deliver } from './deliver.ts';
import type { FaultBook, Faults } from './fault.ts';
import { answerReferrers, answerTags, type ReferrersBehaviour } from './lists.ts';
import { answerManifest } from './manifests.ts';
import { type LoggedRequest, type OpenEntry, openEntry } from './request-log.ts';
import { type Incoming, isRepositoryName, parseRoute } from './route.ts';
import type { Store } from './store.ts';

/** All that an answer depends on. */
export type World = {
  readonly store: Store;
  readonly uploads: Uploads;
  readonly gate: Gate;
  readonly faults: FaultBook;
  readonly referrers: ReferrersBehaviour | false;
  readonly log: LoggedRequest[];
  url(): string;
};

/** One request from arrival to answer: log, faults, authorization, handler, delivery. */
export async function handle(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = request;
  const [pathname = '', query = ''] = path.split('?', 2);
  const route = parseRoute(pathname);
  const entry = openEntry(method, path, route.kind, headers);
  world.log.push(entry);
  const faults = world.faults.meet({ kind: route.kind, method, path });
  const body = await receive(request, faults, closing(response, entry));
  if (!body) return;
  const incoming = { method, path, query: new URLSearchParams(query), headers, body, route };
  entry.status = respond(world, incoming, faults, response);
}

function closing(response: ServerResponse, entry: OpenEntry): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    entry.endedAt = performance.now();
    gone.abort();
  });
  return gone.signal;
}

async function receive(
  request: IncomingMessage,
  faults: Faults,
  gone: AbortSignal,
): Promise<Buffer | undefined> {
  try {
    await faults.holdBack(gone);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch {
    // The client went away, or the registry was stopped, while the request was read or held back: nobody is left to answer.
    return undefined;
  }
}

/** Returns the status sent, 0 for none. */
function respond(world: World, incoming: Incoming, faults: Faults, response: ServerResponse): number {
  const { instead } = faults;
  if (instead?.kind === 'hang') return 0;
  if (instead?.kind === 'reset') {
    response.destroy();
    return 0;
  }
  const here = { url: world.url(), path: incoming.path };
  const refusal = instead ? answerStatus(instead) : refuse(world, incoming);
  if (refusal) return deliver(response, refusal, { change: undefined, headers: {} }, here);
  const changes = { change: faults.takeChange(), headers: faults.takeHeaders() };
  return deliver(response, answer(world, incoming), changes, here);
}

function refuse(world: World, incoming: Incoming): Answer | undefined {
  return incoming.route.kind === 'token' ? undefined : world.gate.refuse(incoming);
}

function answer(world: World, incoming: Incoming): Answer {
  const { route } = incoming;
  if ('repository' in route && !isRepositoryName(route.repository)) {
    return answerError(400, 'NAME_INVALID', 'invalid repository name');
  }
  switch (route.kind) {
    case 'ping':
      return answerJson(200, {}, { 'docker-distribution-api-version': 'registry/2.0' });
    case 'token':
      return world.gate.token(incoming);
    case 'manifest':
      return answerManifest(world.store, { ...incoming, route }, { referrers: world.referrers !== false });
    case 'blob':
      return answerBlob(world.store, { ...incoming, route });
    case 'upload':
      return answerUpload(world.store, world.uploads, { ...incoming, route });
    case 'tags':
      return answerTags(world.store, { ...incoming, route });
    case 'referrers':
      return answerReferrers(world.store, { ...incoming, route }, world.referrers);
    case 'other':
      return answerError(404, 'UNSUPPORTED', 'no such endpoint');
  }
}

function answerStatus({ status, retryAfter }: { status: number; retryAfter?: string | number }): Answer {
  const headers = retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` };
  return answerError(
    status,
    status === 429 ? 'TOOMANYREQUESTS' : 'UNSUPPORTED',
    'fault ordered by the test',
    headers,
  );
}

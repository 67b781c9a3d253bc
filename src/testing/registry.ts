// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../image/digest.ts';
import { createGate, type TestAuth } from './auth.ts';
import { createFaultBook, type Fault, type OrderedFault } from './fault.ts';
import { handle, type World } from './handle.ts';
import { type ImageContent, type ImageFormat, makeImage, makeIndex } from './images.ts';
import { createListener, type TestTls } from './listener.ts';
import type { ReferrersBehaviour } from './lists.ts';
import { parseFields } from './manifests.ts';
import type { LoggedRequest } from './request-log.ts';
import { createStore, type StoredManifest } from './store.ts';

export type TestRegistryOptions = {
  /** Default: a free one. */
  readonly port?: number;
  /** Serves HTTPS with this certificate. */
  readonly tls?: TestTls;
  /** Whether the referrers API is there, and how it behaves. Default true. */
  readonly referrers?: boolean | ReferrersBehaviour;
  /** Default: anonymous. */
  readonly auth?: TestAuth;
};

/** An image in the registry. */
export type TestImage = ImageContent & {
  readonly repository: string;
  /** `HOST/REPOSITORY:TAG`, or `HOST/REPOSITORY@DIGEST` where it was pushed without a tag. */
  readonly reference: string;
  /** `HOST/REPOSITORY@DIGEST`. */
  readonly pinned: string;
};

/** An OCI registry in memory, on loopback. The helpers that put and read content go past HTTP: neither log, auth nor faults see them. */
export type TestRegistry = {
  /** `127.0.0.1:PORT`, the same over stop and start. */
  readonly host: string;
  /** `http://HOST` or `https://HOST`. */
  readonly url: string;
  /** Every request since the start or the last `clearRequests`, in the order of arrival. */
  readonly requests: readonly LoggedRequest[];
  clearRequests(): void;
  /** Orders a fault for requests to come. */
  fault(fault: Fault): OrderedFault;
  clearFaults(): void;
  /** Makes every bearer token handed out so far worthless, as an expiry would. */
  revokeTokens(): void;
  /** Comes back, on the same port and with the same content, after `stop`. */
  start(): Promise<void>;
  /** Goes away as in an outage: every connection is cut at once, and new ones are refused. */
  stop(): Promise<void>;
  /** The end: `stop`, with nothing kept of requests and faults. */
  close(): Promise<void>;

  pushImage(
    repository: string,
    options?: { readonly tag?: string; readonly content?: string; readonly format?: ImageFormat },
  ): TestImage;
  /** Pushes an index over images already pushed. */
  pushIndex(
    repository: string,
    children: readonly Pick<ImageContent, 'mediaType' | 'digest' | 'size'>[],
    options?: { readonly tag?: string; readonly format?: ImageFormat },
  ): TestImage;
  /** `digest` stores the bytes under a digest that is not theirs. */
  putBlob(repository: string, bytes: string | Uint8Array, digest?: Digest): Digest;
  /** Any bytes, read by nobody; the media type is that of its `mediaType` member unless given. */
  putManifest(
    repository: string,
    bytes: string | Uint8Array,
    options?: { readonly tag?: string; readonly mediaType?: string; readonly digest?: Digest },
  ): StoredManifest;
  tag(repository: string, tag: string, digest: Digest): void;
  /** Whether there was one. */
  deleteTag(repository: string, tag: string): boolean;
  blob(repository: string, digest: string): Uint8Array | undefined;
  /** By tag or digest. */
  manifest(repository: string, reference: string): StoredManifest | undefined;
  /** In the order of pushing. */
  manifests(repository: string): StoredManifest[];
  tags(repository: string): string[];
  /** Whether the referrers API is on: where it is not, signers keep the fallback tag. */
  readonly hasReferrers: boolean;
};

/**
 * Starts an OCI registry in memory (distribution-spec 1.1) on 127.0.0.1.
 *
 * @example
 * const registry = await startTestRegistry();
 * const image = registry.pushImage('acme/web', { tag: '1.0' });
 * // ... let the code under test read image.reference ...
 * await registry.close();
 */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const listener = createListener((request, response) => handle(world, request, response), options);
  const host = () => `127.0.0.1:${listener.port()}`;
  const url = () => `${options.tls ? 'https' : 'http'}://${host()}`;
  const world = createWorld(options, url);
  await listener.start();
  return {
    host: host(),
    url: url(),
    ...controls(world),
    ...contents(world, host()),
    start: listener.start,
    stop: listener.stop,
    async close() {
      await listener.stop();
      world.faults.clear();
      world.log.length = 0;
    },
  };
}

function createWorld({ auth, referrers = true }: TestRegistryOptions, url: () => string): World {
  return {
    store: createStore(),
    uploads: new Map(),
    gate: createGate(auth ?? { kind: 'anonymous' }, url),
    faults: createFaultBook(),
    referrers: referrers === true ? {} : referrers,
    log: [],
    url,
  };
}

function controls({ log, faults, gate }: World) {
  return {
    requests: log,
    clearRequests: () => {
      log.length = 0;
    },
    fault: faults.order,
    clearFaults: faults.clear,
    revokeTokens: gate.revokeTokens,
  };
}

type Contents = Pick<
  TestRegistry,
  | 'pushImage'
  | 'pushIndex'
  | 'putBlob'
  | 'putManifest'
  | 'tag'
  | 'deleteTag'
  | 'blob'
  | 'manifest'
  | 'manifests'
  | 'tags'
  | 'hasReferrers'
>;

function contents({ store, referrers }: World, host: string): Contents {
  const push = (repository: string, content: ImageContent, tag: string | undefined): TestImage => {
    for (const blob of content.blobs) store.putBlob(repository, blob);
    store.putManifest(repository, content.manifest, content.mediaType);
    if (tag) store.tag(repository, tag, content.digest);
    const pinned = `${host}/${repository}@${content.digest}`;
    return { ...content, repository, pinned, reference: tag ? `${host}/${repository}:${tag}` : pinned };
  };
  return {
    pushImage: (repository, { tag, content = `${repository}:${tag ?? ''}`, format } = {}) =>
      push(repository, makeImage(content, format), tag),
    pushIndex: (repository, children, { tag, format } = {}) =>
      push(repository, makeIndex(children, format), tag),
    putBlob: (repository, bytes, digest) => store.putBlob(repository, Buffer.from(bytes), digest),
    putManifest(repository, given, { tag, mediaType, digest } = {}) {
      const bytes = Buffer.from(given);
      const type = mediaType ?? parseFields(bytes)?.mediaType ?? 'application/octet-stream';
      const stored = store.putManifest(repository, bytes, type, digest ?? digestOf(bytes));
      if (tag) store.tag(repository, tag, stored.digest);
      return stored;
    },
    tag: store.tag,
    deleteTag: store.deleteTag,
    blob: store.blob,
    manifest: store.manifest,
    manifests: store.manifests,
    tags: store.tags,
    hasReferrers: referrers !== false,
  };
}

// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../image/digest.ts';
import { type ImageFormat, makeImage } from './images.ts';
import type { TestImage } from './registry.ts';

/** How to reach the registry pushed to. Default: plain HTTP, no credentials. */
export type PushOptions = {
  readonly scheme?: 'http' | 'https';
  /** The whole value of the Authorization header: `Basic ...` or `Bearer ...`. */
  readonly authorization?: string;
};

/**
 * Pushes an image of one layer to any registry, over HTTP (distribution-spec 1.1, "Push"). Throws an `Error` with the
 * registry's answer where it is refused.
 */
export async function pushImageTo(
  host: string,
  repository: string,
  options: PushOptions & {
    readonly tag?: string;
    readonly content?: string;
    readonly format?: ImageFormat;
  } = {},
): Promise<TestImage> {
  const image = makeImage(options.content ?? `${repository}:${options.tag ?? ''}`, options.format);
  for (const blob of image.blobs) await putBlobTo(host, repository, blob, options);
  const { mediaType, digest } = image;
  await putManifestTo(host, repository, image.manifest, {
    ...options,
    mediaType,
    reference: options.tag ?? digest,
  });
  const pinned = `${host}/${repository}@${digest}`;
  const reference = options.tag === undefined ? pinned : `${host}/${repository}:${options.tag}`;
  return { ...image, repository, reference, pinned };
}

/** Pushes one blob: POST, then PUT where the answer says. */
export async function putBlobTo(
  host: string,
  repository: string,
  bytes: Uint8Array,
  options: PushOptions = {},
): Promise<Digest> {
  const digest = digestOf(bytes);
  const start = `${baseOf(host, options)}/v2/${repository}/blobs/uploads/`;
  const begun = await send('POST', start, undefined, 'application/octet-stream', options);
  const location = new URL(begun.headers.get('location') ?? '', start);
  location.searchParams.set('digest', digest);
  await send('PUT', location.href, bytes, 'application/octet-stream', options);
  return digest;
}

/** Pushes one manifest, under `reference`: a tag, or its digest, which is the default. */
export async function putManifestTo(
  host: string,
  repository: string,
  bytes: Uint8Array,
  options: PushOptions & { readonly mediaType: string; readonly reference?: string },
): Promise<Digest> {
  const digest = digestOf(bytes);
  const url = `${baseOf(host, options)}/v2/${repository}/manifests/${options.reference ?? digest}`;
  await send('PUT', url, bytes, options.mediaType, options);
  return digest;
}

async function send(
  method: string,
  url: string,
  body: Uint8Array | undefined,
  contentType: string,
  { authorization }: PushOptions,
): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': contentType, ...(authorization && { authorization }) },
    body: body ? Buffer.from(body) : null,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 500)}`);
  return response;
}

function baseOf(host: string, { scheme = 'http' }: PushOptions): string {
  return `${scheme}://${host}`;
}

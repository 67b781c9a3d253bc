// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../image/digest.ts';
import { describe, encodeJson } from './descriptor.ts';

/** A manifest or index with the blobs it names: bytes only, nothing pushed. */
export type ImageContent = {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Of the manifest. */
  readonly size: number;
  /** The manifest's bytes. */
  readonly manifest: Uint8Array;
  readonly blobs: readonly Uint8Array[];
};

/** OCI's media types, or those of docker's manifest schema 2, which many registries still hold. */
export type ImageFormat = 'oci' | 'docker';

const MEDIA_TYPES = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar',
  },
} as const;

/** An image of one layer with one file, `/content.txt`. The same content gives the same digest. */
export function makeImage(content: string, format: ImageFormat = 'oci'): ImageContent {
  const types = MEDIA_TYPES[format];
  const layer = makeTar('content.txt', Buffer.from(content));
  const config = encodeJson({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(types.config, config),
    layers: [describe(types.layer, layer)],
  });
  return contentOf(manifest, types.manifest, [config, layer]);
}

/** An index over manifests: the first is linux/amd64, the second linux/arm64, the others further variants of arm. */
export function makeIndex(
  children: readonly { readonly mediaType: string; readonly digest: Digest; readonly size: number }[],
  format: ImageFormat = 'oci',
): ImageContent {
  const mediaType = MEDIA_TYPES[format].index;
  const manifests = children.map(({ mediaType, digest, size }, at) => ({
    mediaType,
    digest,
    size,
    platform: platformOf(at),
  }));
  return contentOf(encodeJson({ schemaVersion: 2, mediaType, manifests }), mediaType, []);
}

function contentOf(manifest: Uint8Array, mediaType: string, blobs: readonly Uint8Array[]): ImageContent {
  return { digest: digestOf(manifest), mediaType, size: manifest.length, manifest, blobs };
}

function platformOf(at: number): Readonly<Record<string, string>> {
  if (at === 0) return { architecture: 'amd64', os: 'linux' };
  if (at === 1) return { architecture: 'arm64', os: 'linux' };
  return { architecture: 'arm', os: 'linux', variant: `v${at}` };
}

// POSIX ustar: a header block, the content padded to whole blocks, two empty blocks. All times are 0, so digests are stable.
function makeTar(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512);
  const field = (text: string, at: number) => header.write(text, at, 'latin1');
  field(name, 0);
  field('0000644\0', 100);
  field('0000000\0', 108);
  field('0000000\0', 116);
  field(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  field('00000000000\0', 136);
  field('        0', 148);
  field('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  field(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

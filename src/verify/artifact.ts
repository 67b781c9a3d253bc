// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import type { PinnedImage } from '../image/pinned-image.ts';
import { DIGEST_NAMES, type DigestName } from './digest-name.ts';

/**
 * What a signature must be about: bytes, or something of which only digests are known, as an image is known by that of
 * its manifest.
 */
export type Artifact = {
  /** Whether this digest, `sha256:<hex>`, is one of the known ones. */
  readonly has: (digest: string) => boolean;
  /** `undefined`: not known. */
  readonly digest: (name: DigestName) => Uint8Array | undefined;
  readonly content?: Uint8Array;
  /** For messages: `the image is sha256:…`. */
  readonly description: string;
};

const OF_IMAGES = new WeakMap<PinnedImage, Artifact>();

/** The manifest of an image. The same object each time, so that what is found out about it is found out once. */
export function artifactOfImage(image: PinnedImage): Artifact {
  const known = OF_IMAGES.get(image);
  if (known !== undefined) return known;
  const artifact = artifactOfDigest(image.digest, `the image is ${image.digest}`);
  OF_IMAGES.set(image, artifact);
  return artifact;
}

/** What has this digest, `sha256:<hex>` or another algorithm. */
export function artifactOfDigest(digest: string, description = `the artifact is ${digest}`): Artifact {
  const at = digest.indexOf(':');
  const algorithm = digest.slice(0, at);
  return {
    has: (other) => other === digest,
    // Not made before: caches keep artifacts, and with these few bytes the whole piece of Node's pool that they came out of.
    digest: (name) => (name === algorithm ? Buffer.from(digest.slice(at + 1), 'hex') : undefined),
    description,
  };
}

/** A file, by all of its digests. */
export function artifactOfContent(content: Uint8Array): Artifact {
  const digest = digestsOf(content);
  const named = (name: DigestName) => `${name}:${Buffer.from(digest(name)).toString('hex')}`;
  return {
    has: (other) => DIGEST_NAMES.some((name) => other.startsWith(`${name}:`) && other === named(name)),
    digest,
    content,
    description: `the artifact is ${named('sha256')}`,
  };
}

/** The digests of bytes, each made when it is first asked for. */
export function digestsOf(content: Uint8Array): (name: DigestName) => Uint8Array {
  const digests = new Map<DigestName, Uint8Array>();
  return (name) => {
    const digest = digests.get(name) ?? hash(name, content, 'buffer');
    digests.set(name, digest);
    return digest;
  };
}

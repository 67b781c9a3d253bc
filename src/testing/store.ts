// SPDX-License-Identifier: Apache-2.0
import { type Digest, digestOf } from '../image/digest.ts';

/** A manifest as it was pushed. */
export type StoredManifest = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  readonly bytes: Uint8Array;
};

/** What the registry holds, with no rules about who may read or write. Repositories come into being when written to. */
export type Store = {
  has(repository: string): boolean;
  putBlob(repository: string, bytes: Uint8Array, digest?: Digest): Digest;
  blob(repository: string, digest: string): Uint8Array | undefined;
  deleteBlob(repository: string, digest: string): boolean;
  putManifest(repository: string, bytes: Uint8Array, mediaType: string, digest?: Digest): StoredManifest;
  /** By digest or tag. */
  manifest(repository: string, reference: string): StoredManifest | undefined;
  /** In the order of pushing. */
  manifests(repository: string): StoredManifest[];
  /** Deletes the manifest and every tag that names it. */
  deleteManifest(repository: string, digest: string): boolean;
  tag(repository: string, tag: string, digest: Digest): void;
  deleteTag(repository: string, tag: string): boolean;
  /** In lexical order, as distribution-spec 1.1 wants them listed. */
  tags(repository: string): string[];
};

type Content = {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
};

export function createStore(): Store {
  const contents = new Map<string, Content>();
  const read = (repository: string) => contents.get(repository);
  const write = (repository: string): Content => {
    const content = read(repository) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    contents.set(repository, content);
    return content;
  };
  return {
    has: (repository) => contents.has(repository),
    putBlob(repository, bytes, digest = digestOf(bytes)) {
      write(repository).blobs.set(digest, bytes);
      return digest;
    },
    blob: (repository, digest) => read(repository)?.blobs.get(digest),
    deleteBlob: (repository, digest) => read(repository)?.blobs.delete(digest) ?? false,
    putManifest(repository, bytes, mediaType, digest = digestOf(bytes)) {
      const stored = { digest, mediaType, size: bytes.length, bytes };
      write(repository).manifests.set(digest, stored);
      return stored;
    },
    manifest: (repository, reference) => findManifest(read(repository), reference),
    manifests: (repository) => [...(read(repository)?.manifests.values() ?? [])],
    deleteManifest: (repository, digest) => deleteManifest(read(repository), digest),
    tag: (repository, tag, digest) => {
      write(repository).tags.set(tag, digest);
    },
    deleteTag: (repository, tag) => read(repository)?.tags.delete(tag) ?? false,
    tags: (repository) => [...(read(repository)?.tags.keys() ?? [])].sort(),
  };
}

function findManifest(content: Content | undefined, reference: string): StoredManifest | undefined {
  const digest = content?.tags.get(reference) ?? reference;
  return content?.manifests.get(digest);
}

function deleteManifest(content: Content | undefined, digest: string): boolean {
  if (!content?.manifests.delete(digest)) return false;
  for (const [tag, target] of content.tags) {
    if (target === digest) content.tags.delete(tag);
  }
  return true;
}

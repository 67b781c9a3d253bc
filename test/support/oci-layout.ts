// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestRegistry } from '../../src/testing/index.ts';

/** Where cosign puts what its layouts say the kind of (cosign formats §12). */
const TAGS = { 'dev.cosignproject.cosign/sigs': 'sig', 'dev.cosignproject.cosign/atts': 'att' } as const;

type Listed = {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations: { readonly kind: string };
};

/**
 * Puts an OCI image layout that `cosign save` wrote into a registry as it is: every blob, and the manifests of signatures and
 * attestations under the tags of their image.
 *
 * @returns `HOST/REPOSITORY@DIGEST` of the image
 */
export function pushLayout(registry: TestRegistry, repository: string, folder: string): string {
  const blobs = join(folder, 'blobs/sha256');
  for (const name of readdirSync(blobs)) registry.putBlob(repository, readFileSync(join(blobs, name)));
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests: Listed[];
  };
  const bytesOf = (digest: string) => readFileSync(join(blobs, digest.replace('sha256:', '')));
  const [image] = manifests.filter(({ annotations }) => !(annotations.kind in TAGS));
  if (image === undefined) throw new Error(`no image in ${folder}`);
  for (const { mediaType, digest, annotations } of manifests) {
    const bytes = bytesOf(digest);
    const suffix = TAGS[annotations.kind as keyof typeof TAGS];
    const tag = suffix && { tag: `${image.digest.replace(':', '-')}.${suffix}` };
    registry.putManifest(repository, bytes, { mediaType, ...tag });
    const { manifests: children = [] } = JSON.parse(bytes.toString()) as { manifests?: Listed[] };
    for (const child of children) {
      registry.putManifest(repository, bytesOf(child.digest), { mediaType: child.mediaType });
    }
  }
  return `${registry.host}/${repository}@${image.digest}`;
}

// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type Digest, parseDigest } from './digest.ts';
import { quote } from './quote.ts';
import { DEFAULT_REGISTRY, isRegistryComponent, parseRegistry } from './registry-host.ts';

/** A repository in canonical form: `docker.io` and `library/nginx`, never `nginx`. */
export type Repository = { readonly registry: string; readonly repository: string };

/**
 * What a manifest says, in canonical form. `tag` is `latest` where neither tag nor digest was written;
 * a reference by digest alone has none.
 */
export type ImageReference = Repository & { readonly tag?: string; readonly digest?: Digest };

const OFFICIAL_PREFIX = 'library/';
const DEFAULT_TAG = 'latest';
const REPOSITORY_LENGTH = 255;

const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const BARE_IMAGE_ID = /^[a-f0-9]{64}$/;
/** Names that container runtimes read as the ID of an image on the node, whole or its beginning. */
const NODE_IMAGE_ID = /^sha(?:256|384|512)(?::|$)/;

/**
 * An image reference by the grammar of the distribution specification (distribution/reference), in
 * canonical form: `nginx` is `docker.io/library/nginx:latest`.
 *
 * Attacker input: whatever a container runtime could read otherwise is refused, never guessed.
 *
 * @throws REFERENCE_INVALID, DIGEST_INVALID
 */
export function parseImageReference(text: string): ImageReference {
  refuseStrayCharacters(text);
  refuseImageIds(text);
  const { name, tag, digest } = splitReference(text);
  const repository = parseRepository(name, text);
  if (tag !== undefined && !isTag(tag)) throw invalid(text, `not a tag: ${quote(tag)}`);
  const parsedDigest = digest === undefined ? undefined : parseDigest(digest);
  if (parsedDigest === undefined) return { ...repository, tag: tag ?? DEFAULT_TAG };
  return tag === undefined
    ? { ...repository, digest: parsedDigest }
    : { ...repository, tag, digest: parsedDigest };
}

/**
 * A repository without tag and digest, in canonical form: `sigs` is `docker.io/library/sigs`. A lone host, which by
 * the grammar would be an official image of Docker Hub, is refused: never what was meant.
 *
 * @throws REFERENCE_INVALID
 */
export function parseRepositoryName(text: string): Repository {
  refuseStrayCharacters(text);
  refuseImageIds(text);
  const { name, tag, digest } = splitReference(text);
  if (digest !== undefined) throw invalid(text, 'a repository is wanted, without a digest');
  if (!name.includes('/') && (name.includes('.') || name === 'localhost')) {
    throw invalid(text, 'a registry without a repository');
  }
  if (tag !== undefined) throw invalid(text, 'a repository is wanted, without a tag');
  return parseRepository(name, text);
}

/** The canonical text, which parses back to the same reference: `docker.io/library/nginx:1@sha256:…`. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return formatRepository(reference) + tag + digest;
}

/** The canonical text of registry and repository: `docker.io/library/nginx`. */
export function formatRepository(repository: Repository): string {
  return `${repository.registry}/${repository.repository}`;
}

/** Whether the text is one path component of a repository. */
export function isPathComponent(text: string): boolean {
  return PATH_COMPONENT.test(text);
}

/** Whether the text is a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** A repository of the default registry that has one component is an official one: `library/nginx`. */
export function withOfficialPrefix(registry: string, repository: string): string {
  const official = registry === DEFAULT_REGISTRY && !repository.includes('/');
  return official ? OFFICIAL_PREFIX + repository : repository;
}

/**
 * Name, tag and digest of a reference, unchecked. The tag starts at the first colon after the first slash;
 * a name without a slash has no port, so there the first colon starts the tag too.
 */
export function splitReference(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const tagged = at === -1 ? text : text.slice(0, at);
  const colon = tagged.indexOf(':', tagged.indexOf('/') + 1);
  return {
    name: colon === -1 ? tagged : tagged.slice(0, colon),
    ...(colon === -1 ? {} : { tag: tagged.slice(colon + 1) }),
    ...(at === -1 ? {} : { digest: text.slice(at + 1) }),
  };
}

function parseRepository(name: string, text: string): Repository {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const qualified = slash !== -1 && (first === '' || isRegistryComponent(first));
  const registry = qualified ? parseRegistry(first) : DEFAULT_REGISTRY;
  const path = qualified ? name.slice(slash + 1) : name;
  const repository = withOfficialPrefix(registry, path);
  checkRepository(path, repository, text);
  return { registry, repository };
}

function checkRepository(path: string, repository: string, text: string): void {
  if (path === '') throw invalid(text, 'no repository name');
  if (/[A-Z]/.test(path)) throw invalid(text, 'a repository name is lower case');
  if (repository.length > REPOSITORY_LENGTH) {
    throw invalid(text, `a repository name has at most ${REPOSITORY_LENGTH} characters`);
  }
  const wrong = path.split('/').find((component) => !isPathComponent(component));
  if (wrong === '') throw invalid(text, 'an empty component between slashes');
  if (wrong !== undefined) throw invalid(text, `not a repository component: ${quote(wrong)}`);
}

function refuseStrayCharacters(text: string): void {
  if (text === '') throw invalid(text, 'empty');
  if (text.length > LIMITS.referenceLength) {
    throw invalid(text, `longer than ${LIMITS.referenceLength} characters`);
  }
  if (!/^[\x21-\x7e]*$/.test(text))
    throw invalid(text, 'spaces, control and non-ASCII characters are not allowed');
  if (text.includes('://')) throw invalid(text, 'a reference has no scheme such as https://');
}

/**
 * A node answers 64 hex digits, and `sha256:` with the beginning of an ID, with an image that it has
 * already, whatever registry that came from: neither names anything that could be verified.
 */
function refuseImageIds(text: string): void {
  if (BARE_IMAGE_ID.test(text) || (NODE_IMAGE_ID.test(text) && !text.includes('/'))) {
    throw invalid(text, 'container runtimes take this for the ID of an image on the node');
  }
}

function invalid(text: string, why: string): CountersignError {
  return new CountersignError('REFERENCE_INVALID', `image reference ${quote(text)}: ${why}`);
}

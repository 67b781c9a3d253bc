// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { type Digest, parseDigest } from '../image/digest.ts';
import { quote } from '../image/quote.ts';
import { isPathComponent, isTag, splitReference, withOfficialPrefix } from '../image/reference.ts';
import { isRegistryComponent, parseRegistry } from '../image/registry-host.ts';
import { LIMITS } from '../limits.ts';

/** A host in which labels may have wildcards: compared label by label, the port exactly. */
export type HostPattern = { readonly labels: readonly string[]; readonly port: string | undefined };

/**
 * A pattern over canonical image references, its parts compared apart. What is absent stands for anything:
 * `**` has no registry and no segments, a pattern without a tag (or with `:*`) no tag.
 */
export type ImagePattern = {
  /** As written in the policy. */
  readonly text: string;
  /** A canonical registry to be equal to, or labels with wildcards. */
  readonly registry?: string | HostPattern;
  /** Segments of the repository; `**` stands for one or more. */
  readonly segments?: readonly string[];
  readonly tag?: string;
  readonly digest?: Digest;
};

const EVERYTHING = '**';
const LABEL = /^[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?$/;
const WILD_SEGMENT = /^[a-z0-9._*-]+$/;
const WILD_TAG = /^[A-Za-z0-9_*][A-Za-z0-9_.*-]*$/;
const PORT = /^[1-9][0-9]{0,4}$/;

/**
 * A pattern of `images` or `except`. It is canonicalised like a reference, so `nginx` is
 * `docker.io/library/nginx` with any tag. Where two readings are possible it is refused, and the message says
 * how to write either.
 *
 * @throws POLICY_INVALID
 */
export function parsePattern(text: string): ImagePattern {
  refuseStrayCharacters(text);
  const { name, tag, digest } = splitReference(text);
  const wanted = {
    text,
    ...(tag === undefined || tag === '*' ? {} : { tag: parseTagPattern(tag, text) }),
    ...(digest === undefined ? {} : { digest: parseDigest(digest) }),
  };
  return name === EVERYTHING ? wanted : { ...wanted, ...parseName(name, text) };
}

function parseName(name: string, text: string): { registry: string | HostPattern; segments: string[] } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? name : name.slice(0, slash);
  if (slash === -1) refuseLoneHost(first, text);
  const qualified = slash !== -1 && (first === '' || isRegistryComponent(first));
  if (!qualified) refuseWildStart(first, text);
  const registry = qualified ? parseHostPattern(first, text) : 'docker.io';
  const path = qualified ? name.slice(slash + 1) : name;
  const prefixed = path !== EVERYTHING && typeof registry === 'string';
  const segments = (prefixed ? withOfficialPrefix(registry, path) : path).split('/');
  for (const segment of segments) checkSegment(segment, text);
  return { registry, segments };
}

function parseHostPattern(host: string, text: string): string | HostPattern {
  if (!host.includes('*')) return parseRegistry(host);
  const [name = '', port, ...more] = host.toLowerCase().split(':');
  const labels = name.split('.');
  if (labels.includes(EVERYTHING))
    throw invalid(text, '** stands for segments of a repository; in a host, * stands for one label');
  if (!labels.every(isLabelPattern) || more.length > 0 || (labels.length === 1 && port === undefined))
    throw invalid(text, `not a host pattern: ${quote(host)}`);
  if (port !== undefined && (!PORT.test(port) || Number(port) > 65_535)) {
    throw invalid(text, 'the port of a pattern is a number from 1 to 65535, without wildcards');
  }
  // As in references: https://host:443 is https://host.
  return { labels, port: port === '443' && labels.length > 1 ? undefined : port };
}

function isLabelPattern(label: string): boolean {
  return LABEL.test(label) && !label.includes(EVERYTHING);
}

function checkSegment(segment: string, text: string): void {
  if (segment === EVERYTHING || isPathComponent(segment)) return;
  if (segment === '')
    throw invalid(text, 'an empty component between slashes (for everything below write /**)');
  if (/[A-Z]/.test(segment)) throw invalid(text, 'a repository name is lower case');
  if (segment.includes(EVERYTHING)) throw invalid(text, `** must be a whole component: ${quote(segment)}`);
  if (!segment.includes('*') || !WILD_SEGMENT.test(segment)) {
    throw invalid(text, `not a repository component: ${quote(segment)}`);
  }
}

function parseTagPattern(tag: string, text: string): string {
  const wild = tag.includes('*') && WILD_TAG.test(tag) && !tag.includes(EVERYTHING);
  if (wild || isTag(tag)) return tag;
  throw invalid(text, `not a tag, or a tag with *: ${quote(tag)}`);
}

/** `ghcr.io` alone is, by the grammar, an official image of Docker Hub: never what was meant. */
function refuseLoneHost(name: string, text: string): void {
  if (/^sha(?:256|512)$/.test(name)) throw invalid(text, `for a digest wherever it is write **@${text}`);
  if (!name.includes('*') && (name.includes('.') || name === 'localhost')) {
    throw invalid(
      text,
      `for everything in that registry write ${name}/**, for an official image docker.io/library/${name}`,
    );
  }
}

/** A lone star, or one before a slash: a registry, a user of Docker Hub, or anything at all? */
function refuseWildStart(first: string, text: string): void {
  if (!first.includes('*')) return;
  throw invalid(
    text,
    'a pattern starts with a registry, or a name of Docker Hub, without wildcards (a host such as *.example.com may have them); ' +
      '** alone is every image, docker.io/library/* every official one',
  );
}

function refuseStrayCharacters(text: string): void {
  if (text === '') throw invalid(text, 'empty');
  if (text.length > LIMITS.referenceLength)
    throw invalid(text, `longer than ${LIMITS.referenceLength} characters`);
  if (!/^[\x21-\x7e]*$/.test(text))
    throw invalid(text, 'spaces, control and non-ASCII characters are not allowed');
  if (text.includes('://')) throw invalid(text, 'a pattern has no scheme such as https://');
}

function invalid(text: string, why: string): CountersignError {
  return new CountersignError('POLICY_INVALID', `pattern ${quote(text)}: ${why}`);
}

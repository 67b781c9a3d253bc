// SPDX-License-Identifier: Apache-2.0
import type { CodeEntry } from './entry.ts';

/** What can happen at a registry, and on the way to it. */
export const REGISTRY_CODES = {
  IMAGE_NOT_FOUND: {
    class: 'rejected',
    meaning: 'The registry answered that it has no such image or tag.',
    hint: 'check the name with: crane digest IMAGE',
  },
  BLOB_NOT_FOUND: {
    class: 'inconclusive',
    meaning: 'The registry lists content that it does not have.',
    hint: 'sign or push the image again',
  },
  REGISTRY_UNAUTHORIZED: {
    class: 'inconclusive',
    meaning: 'The registry refused the credentials, or wants some.',
    hint: 'log in with: docker login REGISTRY',
  },
  REGISTRY_UNREACHABLE: {
    class: 'inconclusive',
    meaning: 'No connection to the registry: name, address, port or TLS failed.',
    hint: 'check name, network and certificate: curl -v https://REGISTRY/v2/',
  },
  PROXY_UNREACHABLE: {
    class: 'inconclusive',
    meaning: 'No connection to the proxy that HTTPS_PROXY or HTTP_PROXY names, or no answer of it.',
    hint: 'check name, port and certificate of the proxy; what is reached without it goes into NO_PROXY',
  },
  PROXY_REFUSED: {
    class: 'inconclusive',
    meaning: 'The proxy does not connect to the registry: it wants other credentials, forbids it, or fails.',
    hint: 'try it: curl -vx PROXY https://REGISTRY/v2/; what is reached without it goes into NO_PROXY',
  },
  REGISTRY_ERROR: {
    class: 'inconclusive',
    meaning:
      'The registry answered with an error of its own (5xx), or in a way the specification does not know.',
    hint: 'try again, and look at the logs of the registry',
  },
  REGISTRY_RATE_LIMITED: {
    class: 'inconclusive',
    meaning: 'The registry answered 429, and the deadline leaves no time to wait.',
    hint: 'log in for a higher limit, or run a mirror',
  },
  RESPONSE_MALFORMED: {
    class: 'inconclusive',
    meaning:
      'An answer of the registry is not what was asked for: HTML, broken JSON, a manifest that is none.',
    hint: 'look at what answers there: curl -v https://REGISTRY/v2/',
  },
  DIGEST_MISMATCH: {
    class: 'inconclusive',
    meaning: 'The bytes that the registry sent do not have the digest or size that was asked for.',
    hint: 'the registry or something before it alters or cuts content: push the image again',
  },
  ADDRESS_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'A host name leads to a loopback, link-local or metadata address that the Config does not name.',
    hint: 'name the host under registries: in the Config if it is meant',
  },
  PLAIN_HTTP_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The registry would be asked without TLS, and the Config does not allow it for this host.',
    hint: 'set unsafePlainHttp: true for the host in the Config',
  },
  REDIRECT_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The registry redirects from https to http, in a circle, or too often.',
    hint: 'look at where it leads: curl -vL URL',
  },
  TOKEN_REALM_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The registry asks to send credentials to a token server on another host.',
    hint: 'name the host as tokenServer of this registry in the Config if it is meant',
  },
  DEADLINE_EXCEEDED: {
    class: 'inconclusive',
    meaning: 'The time of the request was over before there was an answer.',
    hint: 'raise timeoutSeconds of the webhook (of a command: --timeout), or look at what is slow: registryRequests and durationMs in the report',
  },
  CANCELLED: {
    class: 'inconclusive',
    meaning: 'The caller went away before there was an answer.',
    hint: 'ask again',
  },
  OVERLOADED: {
    class: 'inconclusive',
    meaning:
      'Too many reviews wait for registries already, in all or of this namespace; this one was answered at once.',
    hint: 'try again in a moment; where it stays, a registry of these images is slow or down, or the server needs more replicas',
  },
  LIMIT_EXCEEDED: {
    class: 'inconclusive',
    meaning: 'Something is larger or more than the table of limits allows.',
    hint: 'see docs/reference/limits.md for the limits',
  },
  INTERNAL_ERROR: {
    class: 'inconclusive',
    meaning: 'A defect of Countersign. The image is denied.',
    hint: 'report it with the log line of this request',
  },
} as const satisfies Record<string, CodeEntry>;

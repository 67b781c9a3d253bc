// SPDX-License-Identifier: Apache-2.0
import { isFixed, namesOwner } from './claim-owner.ts';
import type { KeylessSigner } from './compiled-policy.ts';

/** Services at which anybody may open an account: the first segment of the path says whose it is. */
const SHARED_HOSTS = ['github.com', 'gitlab.com', 'buildkite.com', 'g.codefresh.io'];
/** The segments of `https://gitlab.com/acme`. */
const OWNER_SEGMENTS = 4;

/** Providers of mail boxes for everybody, and what GitHub gives each account. */
const SHARED_MAIL = [
  ...['gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'yahoo.com'],
  ...['icloud.com', 'proton.me', 'protonmail.com', 'gmx.net', 'users.noreply.github.com'],
];

/**
 * Whom a subject lets in that names a service and nobody there, where no claim names the owner: its host is one that everybody shares,
 * or a whole domain such as `*.com`. `undefined`: it names somebody.
 */
export function everybodyIn({ subject, claims, unsafeAnySubject }: KeylessSigner): string | undefined {
  if (unsafeAnySubject || claims.some(namesOwner)) return undefined;
  const { text, regexp } = subject;
  return regexp ? inExpression(text) : (inUri(text) ?? inMail(text));
}

function inUri(text: string): string | undefined {
  const [, host = ''] = /:\/\/([^/]*)/.exec(text) ?? [];
  if (isWholeDomain(host)) return `every host ${host}`;
  return SHARED_HOSTS.includes(host) && !isFixed(text, OWNER_SEGMENTS, undefined)
    ? `every account of ${host}`
    : undefined;
}

function inMail(text: string): string | undefined {
  const [local = '', domain] = text.includes('://') ? [] : text.split('@');
  if (domain === undefined) return undefined;
  if (isWholeDomain(domain)) return `every domain ${domain}`;
  return local.includes('*') && SHARED_MAIL.includes(domain) ? `every mail box of ${domain}` : undefined;
}

/** Under one label is everybody: `*.example`, `acme.*`. */
function isWholeDomain(host: string): boolean {
  return host.split('.').slice(-2).join('.').includes('*');
}

function inExpression(text: string): string | undefined {
  const plain = text.replaceAll('\\', '');
  const host = SHARED_HOSTS.find((one) => plain.includes(`://${one}/`));
  return host !== undefined && !isFixed(text, OWNER_SEGMENTS, true) ? `every account of ${host}` : undefined;
}

// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { TestKeyKind } from '../keys.ts';
import { createTestIssuer, type TestIssuer } from './authority.ts';
import { createTestCertificateLog, type TestCertificateLog } from './certificate-log.ts';
import { createTestTimestampAuthority, type TestTimestampAuthority } from './timestamp-authority.ts';
import { createTestLog, type TestLog } from './transparency-log.ts';

export type TestSigstoreOptions = {
  /** Host name and organisation. Default `sigstore.test`. */
  readonly name?: string;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: number | (() => number);
  /** The log that signatures go to unless they say otherwise; both are there. Default `v2`. */
  readonly rekor?: 'v1' | 'v2';
  /** Default `ed25519`. */
  readonly rekorV2Key?: TestKeyKind;
  /** Of the keys that certificates are issued for. Default `ecdsa-p256`. */
  readonly leafKey?: TestKeyKind;
  /** Whether an intermediate issues, or the root itself. Default true. */
  readonly intermediate?: boolean;
  /** How many certificate logs there are. Default 1. */
  readonly certificateLogs?: number;
  /** How many timestamp authorities there are. Default 1. */
  readonly timestampAuthorities?: number;
};

/** The services of one Sigstore. */
export type World = {
  readonly name: string;
  readonly now: () => number;
  /** When all of it was set up: a year before `now`. */
  readonly since: number;
  readonly rekor: 'v1' | 'v2';
  readonly leafKey: TestKeyKind;
  /** Fulcio. */
  readonly authority: TestIssuer;
  readonly certificateLogs: readonly TestCertificateLog[];
  readonly logs: { readonly v1: TestLog; readonly v2: TestLog };
  readonly timestampAuthorities: readonly TestTimestampAuthority[];
  /** A serial number for a certificate. */
  serial(): Buffer;
  /** Another world of the same names, which nobody trusts; made when it is first asked for. */
  stranger(): World;
};

const YEAR = 365 * 86_400_000;

/** Makes the services, all with keys of their own. */
export function createWorld(options: TestSigstoreOptions = {}): World {
  const { name = 'sigstore.test', now = Date.now, intermediate = true, certificateLogs = 1 } = options;
  const clock = typeof now === 'number' ? () => now : now;
  const since = clock() - YEAR;
  const validity = { notBefore: since, notAfter: since + 10 * YEAR };
  let stranger: World | undefined;
  return {
    name,
    now: clock,
    since,
    rekor: options.rekor ?? 'v2',
    leafKey: options.leafKey ?? 'ecdsa-p256',
    authority: createTestIssuer({
      ...validity,
      organization: name,
      commonName: 'fulcio',
      usage: 'codeSigning',
      intermediate,
    }),
    certificateLogs: Array.from({ length: certificateLogs }, (_, at) =>
      createTestCertificateLog(`https://ctlog-${at}.${name}`),
    ),
    logs: {
      v1: createTestLog({ version: 'v1', host: `rekor.${name}` }),
      v2: createTestLog({
        version: 'v2',
        host: `log2025.rekor.${name}`,
        keyKind: options.rekorV2Key ?? 'ed25519',
      }),
    },
    timestampAuthorities: Array.from({ length: options.timestampAuthorities ?? 1 }, (_, at) =>
      createTestTimestampAuthority({
        ...validity,
        organization: name,
        uri: `https://timestamp-${at}.${name}/api/v1/timestamp`,
      }),
    ),
    serial: () => randomBytes(16),
    stranger: () => {
      stranger ??= createWorld(options);
      return stranger;
    },
  };
}

// SPDX-License-Identifier: Apache-2.0
import { createTestKey, type TestKey } from '../keys.ts';
import { createTestCertificateLog, leafIndexExtension, sctExtension } from './certificate-log.ts';
import type { SigstoreDefect } from './defects.ts';
import { alternativeNames, fulcioExtensions, type TestIdentity } from './identity.ts';
import type { World } from './world.ts';
import {
  authorityConstraint,
  type CertificateContent,
  encodeName,
  extendedKeyUsage,
  extension,
  keyIdentifiers,
  keyUsage,
  makeTbs,
  signCertificate,
} from './x509.ts';

/** A key with the certificate that says whose it is. */
export type TestLeaf = {
  readonly key: TestKey;
  /** DER. */
  readonly certificate: Buffer;
  /** Of its authority, DER: the intermediate first. */
  readonly chain: readonly Buffer[];
};

export type LeafOptions = {
  /** Default: a new one of the world's `leafKey`. */
  readonly key?: TestKey;
  /** From when it is valid, milliseconds. Default: five seconds ago. */
  readonly notBefore?: number;
  /** Default: ten minutes. */
  readonly lifetimeMs?: number;
  /** How many of the world's certificate logs embed an SCT. Default 1. */
  readonly scts?: number;
  /** Whether SCTs carry the leaf index, as those of static CT logs. Default false. */
  readonly sctExtensions?: boolean;
  /** Further extensions, DER. */
  readonly extensions?: readonly Buffer[];
  readonly defects?: readonly SigstoreDefect[];
};

const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;
/** An arc that stands for examples (RFC 5612). */
const UNKNOWN = '1.3.6.1.4.1.32473.1';

/** Issues a certificate as Fulcio does: short-lived, no subject, the identity in the alternative name and extensions. */
export function issueLeaf(world: World, identity: TestIdentity, options: LeafOptions = {}): TestLeaf {
  const has = (defect: SigstoreDefect) => options.defects?.includes(defect) === true;
  const { key = createTestKey(world.leafKey) } = options;
  const authority = has('foreignCa') ? world.stranger().authority : world.authority;
  const content = describeLeaf(world, identity, authority, { ...options, key }, has);
  const embedded = embedScts(world, content, authority.key, options, has);
  const issuer = has('forgedCa') ? createTestKey(authority.key.kind) : authority.key;
  const certificate = signCertificate(
    { ...content, extensions: [...content.extensions, ...embedded] },
    issuer,
  );
  return { key, certificate, chain: authority.chain };
}

function describeLeaf(
  world: World,
  identity: TestIdentity,
  authority: World['authority'],
  options: LeafOptions & { readonly key: TestKey },
  has: (defect: SigstoreDefect) => boolean,
): CertificateContent & { readonly serial: Buffer } {
  const shift = has('expiredLeaf') ? -HOUR : has('futureLeaf') ? HOUR : 0;
  const notBefore = (options.notBefore ?? world.now() - 5_000) + shift;
  const { publicKey } = options.key;
  return {
    serial: world.serial(),
    issuer: authority.name,
    subject: encodeName(),
    notBefore,
    notAfter: notBefore + (options.lifetimeMs ?? TEN_MINUTES),
    publicKey,
    extensions: [
      keyUsage(has('wrongKeyUsage') ? 'keyCertSign' : 'digitalSignature'),
      ...(has('caLeaf') ? [authorityConstraint()] : []),
      ...(has('noEku') ? [] : [extendedKeyUsage([has('wrongEku') ? 'serverAuth' : 'codeSigning'])]),
      ...keyIdentifiers(publicKey, authority.key.publicKey),
      ...namesOf(identity, has),
      ...fulcioExtensions(identity),
      ...(has('unknownCriticalExtension') ? [extension(UNKNOWN, true, Buffer.of(5, 0))] : []),
      ...(options.extensions ?? []),
    ],
  };
}

function namesOf({ subject }: TestIdentity, has: (defect: SigstoreDefect) => boolean): readonly Buffer[] {
  if (has('noSan')) return [];
  const second = {
    kind: 'uri',
    value: 'https://github.com/evil/app/.github/workflows/x.yaml@refs/heads/main',
  };
  return [alternativeNames(has('twoSans') ? [subject, { ...second, kind: 'uri' }] : [subject])];
}

/** SCTs over the certificate without them: what RFC 6962 calls the TBSCertificate of the precertificate. */
function embedScts(
  world: World,
  content: CertificateContent & { readonly serial: Buffer },
  issuer: TestKey,
  { scts = 1, sctExtensions = false }: LeafOptions,
  has: (defect: SigstoreDefect) => boolean,
): readonly Buffer[] {
  if (has('noSct') || scts === 0) return [];
  const promised = has('sctForOtherCertificate') ? { ...content, serial: world.serial() } : content;
  const request = {
    tbs: makeTbs(promised, issuer.kind),
    issuer: issuer.publicKey,
    time: content.notBefore,
    ...(sctExtensions && { extensions: leafIndexExtension(7) }),
  };
  return [
    sctExtension(
      logsOf(world, has)
        .slice(0, scts)
        .map((log) => log.promise(request)),
    ),
  ];
}

function logsOf(world: World, has: (defect: SigstoreDefect) => boolean): World['certificateLogs'] {
  if (has('foreignSct')) return world.stranger().certificateLogs;
  if (!has('badSct')) return world.certificateLogs;
  return world.certificateLogs.map(({ id, baseUrl }) => createTestCertificateLog(baseUrl, id));
}

// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { KeyPair } from './authority.ts';

/** A certificate that could be read. Times are milliseconds since the epoch. */
export type Certificate = {
  /** PEM, and nothing else. */
  readonly pem: string;
  readonly x509: X509Certificate;
  readonly notBefore: number;
  readonly notAfter: number;
};

/** A certificate with the private key that belongs to it. */
export type Keyed = Certificate & { readonly key: string };

/** What a Secret with our certificates holds: whatever of it could be read, and fits together. */
export type TlsState = {
  /** Every authority that callers must trust, newest first: the one that signs, the one to come, those that signed before. */
  readonly authorities: readonly Certificate[];
  /** The authority that signs leaves. */
  readonly current: Keyed | undefined;
  /** The authority that will sign once everybody trusts it. */
  readonly next: Keyed | undefined;
  /** What servers serve; one of the authorities signed it. */
  readonly leaf: Keyed | undefined;
};

/** The texts under the keys of the Secret, decoded. */
export type TlsTexts = {
  readonly 'ca.crt': string;
  readonly 'ca.key': string;
  readonly 'next-ca.key': string;
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
};

/** More authorities than can be in an overlap: past it there is somebody else's list in the Secret. */
const MOST = 16;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*?-----END CERTIFICATE-----/g;

/** Reads the texts. Nothing throws: what is broken is left out, and made anew by who finds it missing. */
export function parseTlsState(texts: TlsTexts): TlsState {
  const authorities = authoritiesIn(texts['ca.crt']);
  const [leaf] = certificatesIn(texts['tls.crt']);
  const leafKey = privateKeyIn(texts['tls.key']);
  const isOurs = (one: Certificate) => authorities.some((authority) => hasSigned(authority, one));
  return {
    authorities,
    current: authorityOf(texts['ca.key'], authorities),
    next: authorityOf(texts['next-ca.key'], authorities),
    leaf:
      leaf && leafKey && belongs(leafKey, leaf) && isOurs(leaf)
        ? { ...leaf, key: texts['tls.key'] }
        : undefined,
  };
}

/** The texts of a state, for the Secret. */
export function renderTlsState({ authorities, current, next, leaf }: TlsState): TlsTexts {
  return {
    'ca.crt': bundleOf(authorities),
    'ca.key': current?.key ?? '',
    'next-ca.key': next?.key ?? '',
    'tls.crt': leaf?.pem ?? '',
    'tls.key': leaf?.key ?? '',
  };
}

/** Certificates as one PEM text. */
export function bundleOf(certificates: readonly Certificate[]): string {
  return certificates.map(({ pem }) => `${pem}\n`).join('');
}

/** The authorities among the certificates of a PEM text: those that may sign, and have signed themselves. */
export function authoritiesIn(pem: string): readonly Certificate[] {
  return certificatesIn(pem).filter((one) => one.x509.ca && hasSigned(one, one));
}

/** The certificates of a PEM text that can be read, without repetitions. */
function certificatesIn(text: string): readonly Certificate[] {
  const blocks = (text.match(BLOCK) ?? []).slice(0, MOST);
  const read = blocks.flatMap((pem) => readCertificate(pem) ?? []);
  return [...new Map(read.map((one) => [one.x509.fingerprint256, one])).values()];
}

/** A certificate of a PEM text of our own making. */
export function keyed({ certificate, key }: KeyPair): Keyed {
  const read = readCertificate(certificate.trim());
  if (read === undefined) throw new Error('a certificate that was just made cannot be read');
  return { ...read, key };
}

/** Whether the one signed the other. */
export function hasSigned(authority: Certificate, one: Certificate): boolean {
  return one.x509.checkIssued(authority.x509) && one.x509.verify(authority.x509.publicKey);
}

function authorityOf(key: string, authorities: readonly Certificate[]): Keyed | undefined {
  const privateKey = privateKeyIn(key);
  const found = privateKey && authorities.find((one) => belongs(privateKey, one));
  return found && { ...found, key };
}

function belongs(key: KeyObject, { x509 }: Certificate): boolean {
  return x509.checkPrivateKey(key);
}

function privateKeyIn(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyType === 'ec' ? key : undefined;
  } catch {
    // Empty in a Secret that nobody has filled yet, else broken: either way there is none.
    return undefined;
  }
}

function readCertificate(pem: string): Certificate | undefined {
  try {
    const x509 = new X509Certificate(pem);
    return { pem, x509, notBefore: Date.parse(x509.validFrom), notAfter: Date.parse(x509.validTo) };
  } catch {
    // See parseTlsState.
    return undefined;
  }
}

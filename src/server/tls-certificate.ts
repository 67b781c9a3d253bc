// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Files } from '../config/files.ts';
import { CountersignError } from '../errors.ts';

/** Where the certificate chain (leaf first) and its private key are, both PEM. */
export type CertificateFiles = { readonly certFile: string; readonly keyFile: string };

/** A certificate and a key that belong together and that TLS can use. */
export type ServerCertificate = {
  /** For `https.createServer` and `setSecureContext`, which forgets whatever is not said again. */
  readonly secureContext: { readonly cert: string; readonly key: string; readonly minVersion: 'TLSv1.2' };
  /** Milliseconds since the epoch: the end of the leaf, `notAfter`. */
  readonly expiresAt: number;
  /** SHA-256 of the leaf as OpenSSL prints it. */
  readonly fingerprint: string;
};

/** PEM texts, and what to call them in a message. */
type CertificateTexts = {
  readonly cert: string;
  readonly key: string;
  readonly places: { readonly cert: string; readonly key: string };
};

/**
 * Loads the certificate of the server. An expired one is loaded: whether to serve with it is not decided here.
 *
 * @throws CountersignError LISTEN_FAILED when the two cannot be used together, FILE_UNREADABLE
 */
export function loadCertificate({ certFile, keyFile }: CertificateFiles, files: Files): ServerCertificate {
  const places = { cert: certFile, key: keyFile };
  return makeCertificate({ cert: files.read(certFile), key: files.read(keyFile), places });
}

/**
 * The certificate of these texts. No message holds anything of the key.
 *
 * @throws CountersignError LISTEN_FAILED
 */
export function makeCertificate({ cert, key, places }: CertificateTexts): ServerCertificate {
  const leaf = usable(places.cert, 'no certificate in PEM', () => new X509Certificate(cert));
  const privateKey = usable(places.key, 'no unencrypted private key in PEM', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw unusable(places.key, `not the key of the certificate in ${places.cert}`);
  }
  const secureContext = { cert, key, minVersion: 'TLSv1.2' } as const;
  usable(places.cert, 'TLS cannot use it', () => createSecureContext(secureContext));
  return { secureContext, expiresAt: Date.parse(leaf.validTo), fingerprint: leaf.fingerprint256 };
}

function usable<T>(place: string, problem: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw unusable(place, problem, { cause: error });
  }
}

function unusable(place: string, problem: string, options?: ErrorOptions): CountersignError {
  return new CountersignError('LISTEN_FAILED', `${place}: ${problem}`, options);
}

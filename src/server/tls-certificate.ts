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

/**
 * Loads the certificate of the server. An expired one is loaded: whether to serve with it is not decided here.
 * No message holds anything of the key.
 *
 * @throws CountersignError LISTEN_FAILED when the two cannot be used together, FILE_UNREADABLE
 */
export function loadCertificate({ certFile, keyFile }: CertificateFiles, files: Files): ServerCertificate {
  const cert = files.read(certFile);
  const key = files.read(keyFile);
  const leaf = usable(certFile, 'no certificate in PEM', () => new X509Certificate(cert));
  const privateKey = usable(keyFile, 'no unencrypted private key in PEM', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey))
    throw unusable(keyFile, `not the key of the certificate in ${certFile}`);
  const secureContext = { cert, key, minVersion: 'TLSv1.2' } as const;
  usable(certFile, 'TLS cannot use it', () => createSecureContext(secureContext));
  return { secureContext, expiresAt: Date.parse(leaf.validTo), fingerprint: leaf.fingerprint256 };
}

function usable<T>(file: string, problem: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw unusable(file, problem, { cause: error });
  }
}

function unusable(file: string, problem: string, options?: ErrorOptions): CountersignError {
  return new CountersignError('LISTEN_FAILED', `${file}: ${problem}`, options);
}

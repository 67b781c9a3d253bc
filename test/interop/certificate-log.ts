// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { explicit, sequence } from '../../src/certificate/der.ts';
import { childrenOf, readDer, readOid } from '../../src/certificate/read-der.ts';
import { createTestCertificateLog } from '../../src/testing/sigstore/certificate-log.ts';
import { type LoopbackServer, serveLoopback } from './loopback-server.ts';

/** The front of a certificate log: it promises whatever Fulcio asks for, and keeps nothing. */
export type CertificateLogServer = LoopbackServer & { readonly publicKeyPem: string };

const POISON = '1.3.6.1.4.1.11129.2.4.3';
const EXTENSIONS = 0xa3;

/** Starts the log; its base URL is `url` (RFC 6962 §4.2, add-pre-chain). */
export async function startCertificateLog(): Promise<CertificateLogServer> {
  const log = createTestCertificateLog('');
  const server = await serveLoopback((path, body) => {
    if (path !== '/log/ct/v1/add-pre-chain') return undefined;
    const { chain } = JSON.parse(body) as { chain: readonly string[] };
    const [leaf, issuer] = chain.map((text) => Buffer.from(text, 'base64'));
    if (leaf === undefined || issuer === undefined) return undefined;
    const time = Date.now();
    const sct = log.promise({
      tbs: withoutPoison(leaf),
      issuer: new X509Certificate(issuer).publicKey,
      time,
    });
    return {
      sct_version: 0,
      id: log.id.toString('base64'),
      timestamp: time,
      extensions: '',
      signature: sct.subarray(1 + 32 + 8 + 2).toString('base64'),
    };
  });
  return { ...server, url: `${server.url}/log`, publicKeyPem: log.key.publicKeyPem };
}

/** The TBSCertificate of a precertificate without the extension that makes it one (RFC 6962 §3.2). */
function withoutPoison(precertificate: Uint8Array): Buffer {
  const [tbs] = childrenOf(readDer(precertificate));
  if (tbs === undefined) throw new Error('no certificate');
  const fields = childrenOf(tbs).map((field) => {
    if (field.tag !== EXTENSIONS) return field.whole;
    const extensions = childrenOf(field).flatMap(childrenOf);
    const kept = extensions.filter((extension) => readOid(childrenOf(extension)[0]) !== POISON);
    return explicit(3, sequence(...kept.map(({ whole }) => whole)));
  });
  return sequence(...fields);
}

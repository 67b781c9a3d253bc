// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { quote } from '../../../image/quote.ts';
import { type DigestName, protobufName } from '../../digest-name.ts';
import type { LoggedContent, Verifier } from '../logged-content.ts';
import { at, type LogBody } from './body.ts';
import { mismatchedEntry } from './refusal.ts';
import { toBase64 } from './text-forms.ts';

/** sigstore_common.proto, `PublicKeyDetails`: what each of them has its digest made with. */
type KeyDetails = Readonly<Record<string, DigestName>>;

/** Those that a key can have, by its kind. The combinations with SHA-256 are older ones that verifiers still take. */
const CURVES: Readonly<Record<string, KeyDetails>> = {
  prime256v1: { PKIX_ECDSA_P256_SHA_256: 'sha256' },
  secp384r1: { PKIX_ECDSA_P384_SHA_384: 'sha384', PKIX_ECDSA_P384_SHA_256: 'sha256' },
  secp521r1: { PKIX_ECDSA_P521_SHA_512: 'sha512', PKIX_ECDSA_P521_SHA_256: 'sha256' },
};
// Rekor v2 logs digests only, and the digest of an Ed25519 signature is that of its prehash.
const ED25519: KeyDetails = { PKIX_ED25519_PH: 'sha512', PKIX_ED25519: 'sha512' };

/**
 * Demands that a body of Rekor v2 is the one that this signature, by this certificate or key, over this content has:
 * it is made anew from them, and every byte compared (cosign formats §7.1). Of what the body says only the choice among
 * the algorithms that the key can have is taken up.
 *
 * @throws VerificationError LOG_ENTRY_MISMATCH
 */
export function demandBodyV2({ type, spec }: LogBody, body: Uint8Array, content: LoggedContent): void {
  if (type !== 'hashedrekord 0.0.2') {
    throw mismatchedEntry(`it is a ${quote(type)}; Rekor v2 has entries of hashedrekord 0.0.2 only`);
  }
  const found = at(spec, 'hashedRekordV002', 'signature', 'verifier', 'keyDetails');
  const details = typeof found === 'string' ? found : '';
  const possible = keyDetailsOf(content.verifier.key);
  const name = Object.hasOwn(possible, details) ? possible[details] : undefined;
  if (name === undefined) {
    throw mismatchedEntry(`its key is of ${quote(details)}, wanted ${Object.keys(possible).join(' or ')}`);
  }
  const digest = content.digest(name);
  if (digest === undefined) throw mismatchedEntry(`the ${name} of the content is not known`);
  const wanted = encodeBody(content, details, protobufName(name), digest);
  if (wanted.equals(body)) return;
  throw mismatchedEntry('its body is not that of this signature, certificate or key, and digest');
}

function keyDetailsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyDetails {
  const { namedCurve = '', modulusLength } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'ed25519') return ED25519;
  if (asymmetricKeyType === 'ec') return CURVES[namedCurve] ?? {};
  if (asymmetricKeyType !== 'rsa') return {};
  return {
    [`PKIX_RSA_PKCS1V15_${modulusLength}_SHA256`]: 'sha256',
    [`PKIX_RSA_PSS_${modulusLength}_SHA256`]: 'sha256',
  };
}

/** RFC 8785: names in their order, no white space. Nothing in it needs to be escaped. */
function encodeBody(content: LoggedContent, details: string, algorithm: string, digest: Uint8Array): Buffer {
  const data = `{"algorithm":"${algorithm}","digest":"${toBase64(digest)}"}`;
  const verifier = `{"keyDetails":"${details}",${encodeVerifier(content.verifier)}}`;
  const signature = `{"content":"${toBase64(content.signature)}","verifier":${verifier}}`;
  const record = `{"hashedRekordV002":{"data":${data},"signature":${signature}}}`;
  return Buffer.from(`{"apiVersion":"0.0.2","kind":"hashedrekord","spec":${record}}`, 'latin1');
}

function encodeVerifier(verifier: Verifier): string {
  return verifier.kind === 'certificate'
    ? `"x509Certificate":{"rawBytes":"${toBase64(verifier.der)}"}`
    : `"publicKey":{"rawBytes":"${toBase64(verifier.spki)}"}`;
}

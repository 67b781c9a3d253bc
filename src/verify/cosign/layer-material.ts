// SPDX-License-Identifier: Apache-2.0
import { parsePemCertificates } from '../../certificate/pem.ts';
import { VerificationError } from '../../errors.ts';
import { isJsonObject } from '../../json-object.ts';
import { LIMITS } from '../../limits.ts';
import { parseBase64 } from '../base64.ts';
import { parseJson } from '../json.ts';
import type { CertificatesBeside, Material } from '../material.ts';
import { parseLegacyLogEntry } from '../sigstore/log/legacy-log-entry.ts';

/** The annotations of a legacy layer (cosign formats §3.2). */
export const ANNOTATIONS = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  bundle: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const;

/** The annotations of a layer that are looked at. */
export const LAYER_ANNOTATIONS: readonly string[] = Object.values(ANNOTATIONS);

type LayerAnnotations = Readonly<Record<string, string>>;

/** What the annotations of a layer say beside its signature; each is read when it is asked for. */
export function layerMaterial(
  annotations: LayerAnnotations,
  signed: Pick<Material, 'signature' | 'signed' | 'logged' | 'stamped'>,
): Material {
  return {
    ...signed,
    certificates: () => certificatesIn(annotations),
    logEntries: () => {
      const entry = textOf(annotations, 'bundle');
      return entry === undefined ? [] : [parseLegacyLogEntry(entry)];
    },
    timestamps: () => {
      const timestamp = textOf(annotations, 'timestamp');
      return timestamp === undefined ? [] : [parseTimestamp(timestamp)];
    },
  };
}

/** The text of an annotation; white space is none (cosign formats §3.2). */
export function textOf(annotations: LayerAnnotations, name: keyof typeof ANNOTATIONS): string | undefined {
  const text = annotations[ANNOTATIONS[name]];
  return text?.trim() ? text : undefined;
}

function certificatesIn(annotations: LayerAnnotations): CertificatesBeside | undefined {
  const pem = textOf(annotations, 'certificate');
  if (pem === undefined) return undefined;
  const [leaf, ...more] = parsePemCertificates(pem);
  if (leaf === undefined || more.length > 0) {
    const message = `the certificate annotation holds ${more.length === 0 ? 'no certificate' : 'several certificates'}, wanted one`;
    throw new VerificationError('CERTIFICATE_MALFORMED', message);
  }
  return { leaf, others: parsePemCertificates(textOf(annotations, 'chain') ?? '') };
}

/** `{"SignedRFC3161Timestamp":"<base64>"}` */
function parseTimestamp(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.length > LIMITS.payloadBytes) throw malformed(`it has ${bytes.length} bytes`);
  const value = parseJson(bytes, 'TIMESTAMP_MALFORMED', 'timestamp annotation');
  const encoded = isJsonObject(value) ? value['SignedRFC3161Timestamp'] : undefined;
  const token = typeof encoded === 'string' ? parseBase64(encoded) : undefined;
  if (token === undefined) throw malformed('it has no SignedRFC3161Timestamp in base64');
  return token;
}

function malformed(why: string): VerificationError {
  return new VerificationError('TIMESTAMP_MALFORMED', `the timestamp annotation cannot be used: ${why}`);
}

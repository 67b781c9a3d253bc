// SPDX-License-Identifier: Apache-2.0
import { encodePem } from '../../certificate/der.ts';
import { describe } from '../descriptor.ts';
import { encodeGoJson, sortKeys } from '../go-json.ts';
import { type LegacyLayer, SIMPLE_SIGNING_MEDIA_TYPE } from '../legacy-signature.ts';
import { encodeEnvelope, type TestContent } from './content.ts';
import { sign } from './sign.ts';
import type { KeylessOptions, Signed } from './sign-options.ts';
import { encodeChain } from './trusted-root.ts';
import type { World } from './world.ts';

/** A layer of a `.sig` or `.att` manifest: its blob and its descriptor, with everything in annotations. */
export type KeylessLayer = LegacyLayer;

/** Of legacy signatures the log is Rekor v1 or none, and keys sign over SHA-256 unless Ed25519. */
export type LegacyKeylessOptions = Omit<KeylessOptions, 'tree' | 'checkpoint'> & {
  /** The simple-signing payload: `makeLegacyPayload`. */
  readonly payload: string | Uint8Array;
  /** Changes the annotations in place, after all is signed. */
  readonly edit?: (annotations: Record<string, string>) => void;
};

export type LegacyAttestationOptions = Omit<LegacyKeylessOptions, 'payload'> & {
  /** An in-toto statement; an object is put into JSON. */
  readonly statement: string | Uint8Array | object;
  readonly payloadType?: string;
  /** The annotation. Default: the `predicateType` of the statement, where that is an object. */
  readonly predicateType?: string;
  /** What the timestamp is over: the signature, or the whole envelope, as some clients have it. Default `signature`. */
  readonly stamped?: 'signature' | 'envelope';
};

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const KEYLESS = 'dev.sigstore.cosign';

/** A keyless signature in cosign's legacy format. */
export function signSignatureLayer(world: World, options: LegacyKeylessOptions): KeylessLayer {
  const payload = Buffer.from(options.payload);
  const signed = sign(world, { message: payload }, options, { hash: 'sha256', legacy: true });
  const stored = options.defects?.includes('tamperedContent')
    ? Buffer.concat([payload, Buffer.from(' ')])
    : payload;
  const signature = signed.content.signature.toString('base64');
  return makeLayer(SIMPLE_SIGNING_MEDIA_TYPE, stored, signed, { [SIGNATURE]: signature }, options);
}

/** An attestation in cosign's legacy format: the signature stands in the envelope, the annotation is empty. */
export function signAttestationLayer(world: World, options: LegacyAttestationOptions): KeylessLayer {
  const { statement, payloadType, stamped, predicateType = predicateTypeOf(statement) } = options;
  const content: TestContent = { statement, ...(payloadType && { payloadType }) };
  const signed = sign(world, content, options, {
    hash: 'sha256',
    keyid: true,
    legacy: true,
    ...(stamped && { stamped }),
  });
  const { dsseEnvelope } = signed.content.bundle;
  if (!dsseEnvelope) throw new Error('no envelope was signed');
  const annotations = { [SIGNATURE]: '', ...(predicateType && { predicateType }) };
  const type = 'application/vnd.dsse.envelope.v1+json';
  return makeLayer(type, encodeEnvelope(dsseEnvelope), signed, annotations, options);
}

function makeLayer(
  mediaType: string,
  blob: Buffer,
  signed: Signed,
  own: Record<string, string>,
  { edit }: Pick<LegacyKeylessOptions, 'edit'>,
): KeylessLayer {
  const annotations = { ...own, ...annotationsOf(signed) };
  edit?.(annotations);
  return { payload: blob, descriptor: { ...describe(mediaType, blob), annotations: sortKeys(annotations) } };
}

function annotationsOf({ leaf, entries: [entry], timestamps: [token] }: Signed): Record<string, string> {
  return {
    ...(leaf && {
      [`${KEYLESS}/certificate`]: encodePem('CERTIFICATE', leaf.certificate),
      [`${KEYLESS}/chain`]: encodeChain(leaf.chain),
    }),
    ...(entry && { [`${KEYLESS}/bundle`]: encodeLogEntry(entry) }),
    ...(token && {
      [`${KEYLESS}/rfc3161timestamp`]: encodeGoJson({
        SignedRFC3161Timestamp: token.toString('base64'),
      }).toString(),
    }),
  };
}

/** What cosign keeps of Rekor's answer. */
function encodeLogEntry({
  body,
  integratedTime,
  logIndex,
  logId,
  promise,
}: Signed['entries'][number]): string {
  return encodeGoJson({
    SignedEntryTimestamp: promise?.toString('base64') ?? '',
    Payload: {
      body: body.toString('base64'),
      integratedTime: integratedTime ?? 0,
      logIndex: Number(logIndex),
      logID: logId.toString('hex'),
    },
  }).toString();
}

function predicateTypeOf(statement: string | Uint8Array | object): string | undefined {
  if (typeof statement === 'string' || !('predicateType' in statement)) return undefined;
  return String(statement.predicateType);
}

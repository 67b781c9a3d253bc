// SPDX-License-Identifier: Apache-2.0
import { parseBase64 } from '../../base64.ts';
import { isDigestName } from '../../digest-name.ts';
import type { LoggedContent, Verifier } from '../logged-content.ts';
import { at, type LogBody } from './body.ts';
import { mismatchedEntry } from './refusal.ts';
import { pemBase64, sha256Hex, toBase64, toHex } from './text-forms.ts';

type Message = Extract<LoggedContent, { kind: 'message' }>;
type Envelope = Extract<LoggedContent, { kind: 'envelope' }>;

/** What each kind of entry of Rekor v1 is compared with; there is no other kind. */
const MESSAGE_BODIES: Readonly<Record<string, (spec: unknown, content: Message) => void>> = {
  'hashedrekord 0.0.1': demandRecord,
  'rekord 0.0.1': demandX509Record,
};

const ENVELOPE_BODIES: Readonly<Record<string, (spec: unknown, content: Envelope) => void>> = {
  'dsse 0.0.1': demandDsse,
  'intoto 0.0.1': demandIntotoHash,
  'intoto 0.0.2': demandIntoto,
};

/** Whether it is of one of the kinds of Rekor v1; nothing of it is compared. */
export function isBodyV1({ type }: LogBody): boolean {
  return Object.hasOwn(MESSAGE_BODIES, type) || Object.hasOwn(ENVELOPE_BODIES, type);
}

/**
 * Demands that a body of Rekor v1 is about this signature, by this certificate or key, over this content: all of it
 * that its kind names (cosign formats §5.2). What goes unchecked lets the promise for one entry speak for another.
 *
 * @throws VerificationError LOG_ENTRY_MISMATCH
 */
export function demandBodyV1({ type, spec }: LogBody, content: LoggedContent): void {
  if (content.kind === 'message' && Object.hasOwn(MESSAGE_BODIES, type)) {
    MESSAGE_BODIES[type]?.(spec, content);
  } else if (content.kind === 'envelope' && Object.hasOwn(ENVELOPE_BODIES, type)) {
    ENVELOPE_BODIES[type]?.(spec, content);
  } else {
    throw mismatchedEntry(
      `an entry of its kind is not how Rekor v1 logs the signature of ${NAMES[content.kind]}`,
    );
  }
}

const NAMES = { message: 'a message', envelope: 'a DSSE envelope' } as const;

function demandRecord(spec: unknown, content: Message): void {
  demandEqual(at(spec, 'signature', 'content'), toBase64(content.signature), 'signature');
  demandVerifier(at(spec, 'signature', 'publicKey', 'content'), content.verifier);
  const algorithm = at(spec, 'data', 'hash', 'algorithm');
  const digest = isDigestName(algorithm) ? content.digest(algorithm) : undefined;
  if (digest === undefined) throw mismatchedEntry('it names the content by a digest that is not known of it');
  demandHash(at(spec, 'data', 'hash', 'value'), toHex(digest), 'digest');
}

function demandX509Record(spec: unknown, content: Message): void {
  demandEqual(at(spec, 'signature', 'format'), 'x509', 'format of signature');
  demandRecord(spec, content);
}

function demandDsse(spec: unknown, content: Envelope): void {
  const one = onlySignature(at(spec, 'signatures'));
  demandEqual(at(one, 'signature'), toBase64(content.signature), 'signature');
  demandVerifier(at(one, 'verifier'), content.verifier);
  demandSha256(at(spec, 'payloadHash'), content.payload, 'payload');
  if (content.envelope !== undefined) demandSha256(at(spec, 'envelopeHash'), content.envelope, 'envelope');
}

/** Its signature is base64 of what stands in the envelope, which is base64 already. The hash is of other JSON. */
function demandIntoto(spec: unknown, content: Envelope): void {
  const envelope = at(spec, 'content', 'envelope');
  const one = onlySignature(at(envelope, 'signatures'));
  const signature = Buffer.from(toBase64(content.signature), 'latin1').toString('base64');
  demandEqual(at(one, 'sig'), signature, 'signature');
  demandVerifier(at(one, 'publicKey'), content.verifier);
  demandEqual(at(envelope, 'payloadType'), content.payloadType, 'type of payload');
  demandSha256(at(spec, 'content', 'payloadHash'), content.payload, 'payload');
}

/** It names no signature: only the hash of the envelope as it was uploaded stands for one. */
function demandIntotoHash(spec: unknown, content: Envelope): void {
  if (content.envelope === undefined) {
    throw mismatchedEntry('it names no signature, and the envelope is not at hand as it was logged');
  }
  demandVerifier(at(spec, 'publicKey'), content.verifier);
  demandSha256(at(spec, 'content', 'hash'), content.envelope, 'envelope');
  const payloadHash = at(spec, 'content', 'payloadHash');
  if (payloadHash !== undefined) demandSha256(payloadHash, content.payload, 'payload');
}

function onlySignature(signatures: unknown): unknown {
  if (Array.isArray(signatures) && signatures.length === 1) return signatures[0];
  throw mismatchedEntry('it does not name exactly one signature');
}

/** Compared as DER: the text of a PEM may end in one line break or two. */
function demandVerifier(content: unknown, verifier: Verifier): void {
  const pem = typeof content === 'string' ? parseBase64(content) : undefined;
  const [label, der] =
    verifier.kind === 'certificate' ? ['CERTIFICATE', verifier.der] : ['PUBLIC KEY', verifier.spki];
  const text = Buffer.from(pem ?? []).toString('latin1');
  demandEqual(pemBase64(text, label), toBase64(der), LABELS[verifier.kind]);
}

const LABELS = { certificate: 'certificate', key: 'public key' } as const;

function demandSha256(hashed: unknown, bytes: Uint8Array, what: string): void {
  demandEqual(at(hashed, 'algorithm'), 'sha256', `algorithm for the digest of the ${what}`);
  demandHash(at(hashed, 'value'), sha256Hex(bytes), `digest of the ${what}`);
}

function demandHash(hex: unknown, wanted: string, what: string): void {
  demandEqual(typeof hex === 'string' ? hex.toLowerCase() : undefined, wanted, what);
}

function demandEqual(found: unknown, wanted: string, what: string): void {
  if (found !== wanted) throw mismatchedEntry(`it names another ${what}`);
}

// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';

/** Standard base64 of the bytes, which are not copied first. */
export function toBase64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** Lower-case hex of the bytes. */
export function toHex({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
}

const hashed = new WeakMap<Uint8Array, string>();

/** SHA-256 as hex. Kept as long as the bytes: a payload of MiB is hashed once, however many entries name it. */
export function sha256Hex(bytes: Uint8Array): string {
  const found = hashed.get(bytes);
  if (found !== undefined) return found;
  const hex = hash('sha256', bytes, 'hex');
  hashed.set(bytes, hex);
  return hex;
}

/**
 * The DER in a PEM text of one block with this label, as base64 without line breaks; `undefined` for any other text. White
 * space around it does not matter (cosign formats §15, trap 12); what else stands there might be read by others.
 */
export function pemBase64(text: string, label: string): string | undefined {
  const start = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const pem = text.trim();
  if (!pem.startsWith(start) || !pem.endsWith(end) || pem.length < start.length + end.length)
    return undefined;
  return pem.slice(start.length, -end.length).replace(/[\r\n]/g, '');
}

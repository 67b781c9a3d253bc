// SPDX-License-Identifier: Apache-2.0

/**
 * The bytes of standard base64 with padding (RFC 4648 §4), or `undefined` where the text is anything else.
 *
 * Attacker input. Clients differ in what they let pass (white space, the URL alphabet, missing padding,
 * stray bits after the last byte); only the one form that every client reads alike is taken, so that no
 * two texts stand for one signature.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = padding === 0 ? text : text.slice(0, -padding);
  if (/[^A-Za-z0-9+/]/.test(digits) || hasStrayBits(digits, padding)) return undefined;
  // Not from Node's shared pool: what is parsed is kept, and would keep 8 KiB of pool with it.
  const bytes = Buffer.allocUnsafeSlow((text.length / 4) * 3 - padding);
  bytes.write(text, 'base64');
  return bytes;
}

/** RFC 4648 §3.5: the bits of the last digit that belong to no byte must be zero. */
function hasStrayBits(digits: string, padding: 0 | 1 | 2): boolean {
  if (padding === 2) return !/[AQgw]$/.test(digits);
  if (padding === 1) return !/[AEIMQUYcgkosw048]$/.test(digits);
  return false;
}

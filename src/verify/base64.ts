// SPDX-License-Identifier: Apache-2.0

/**
 * The bytes of standard base64 with padding (RFC 4648 §4), or `undefined` where the text is anything else.
 *
 * Attacker input. Clients differ in what they let pass (white space, the URL alphabet, missing padding,
 * stray bits after the last byte, §3.5); only the one form that every client reads alike is taken, so that no
 * two texts stand for one signature: it is the text that the bytes have when they are written again.
 */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  // From Node's shared pool, where it is short: of what is parsed one signature's is kept at a time, and memory of its own
  // for each of a bundle's forty pieces costs more than what is in them.
  const bytes = Buffer.allocUnsafe((text.length / 4) * 3 - padding);
  const isWhole = bytes.write(text, 'base64') === bytes.length;
  return isWhole && bytes.toString('base64') === text ? bytes : undefined;
}

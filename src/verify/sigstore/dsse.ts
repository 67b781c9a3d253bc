// SPDX-License-Identifier: Apache-2.0

/**
 * What DSSE signs, its pre-authentication encoding (DSSE protocol v1.0.0): lengths are counted in bytes, the
 * payload is taken as it is.
 */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.byteLength(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type} ${payloadType} ${payload.length} `), payload]);
}

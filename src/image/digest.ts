// SPDX-License-Identifier: Apache-2.0
export type Digest = `sha256:${string}` | `sha512:${string}`;

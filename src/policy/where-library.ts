// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';

type Cel = typeof import('@bufbuild/cel');
type CelExtensions = typeof import('@bufbuild/cel/ext');

/** The library that evaluates CEL, and its functions on strings. */
export type CelLibrary = Cel & Pick<CelExtensions, 'strings'>;

const isBundled = typeof require === 'function';

let library: CelLibrary | undefined;

/**
 * Loads the library at the first `where`: it takes longer (70 ms) than most commands run. Policies are compiled
 * synchronously, so this is too: an unbundled module makes itself a `require`, and a bundler sees the other call.
 */
export function celLibrary(): CelLibrary {
  library ??= { ...loadCel(), strings: loadExtensions().strings };
  return library;
}

function loadCel(): Cel {
  return isBundled ? require('@bufbuild/cel') : createRequire(import.meta.url)('@bufbuild/cel');
}

function loadExtensions(): CelExtensions {
  return isBundled ? require('@bufbuild/cel/ext') : createRequire(import.meta.url)('@bufbuild/cel/ext');
}

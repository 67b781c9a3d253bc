// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { quote } from '../image/quote.ts';
import { pairsOf, textAt, valueAt } from '../policy/raw.ts';
import type { Problem } from '../policy/schema-problem.ts';
import { checkPair, parseCertificates, parsePrivateKey } from './certificates.ts';
import type { RegistryConfig } from './config.ts';

/** Reads a file that a Config names, by the name it has there. May throw. */
export type ReadFile = (name: string) => string;

/** What the files of one entry hold. */
export type RegistryFiles = Pick<RegistryConfig, 'ca' | 'clientCertificate'>;

/**
 * What the files that `registries` names hold, by the name of the registry. Reads the document as it is, so that all
 * problems are told at once.
 */
export function readRegistryFiles(
  document: unknown,
  readFile: ReadFile,
): { readonly files: ReadonlyMap<string, RegistryFiles>; readonly problems: readonly Problem[] } {
  const files = new Map<string, RegistryFiles>();
  const problems: Problem[] = [];
  for (const [registry, entry] of pairsOf(valueAt(document, 'registries'))) {
    const reading = { entry, path: ['registries', registry], readFile, problems };
    const ca = readAt(reading, ['ca'], parseCertificates);
    const clientCertificate = readPair(reading);
    files.set(registry, {
      ...(ca === undefined ? {} : { ca }),
      ...(clientCertificate === undefined ? {} : { clientCertificate }),
    });
  }
  return { files, problems };
}

type Reading = {
  readonly entry: unknown;
  readonly path: readonly string[];
  readonly readFile: ReadFile;
  readonly problems: Problem[];
};

function readPair(reading: Reading): RegistryFiles['clientCertificate'] {
  const certificate = readAt(reading, ['clientCertificate', 'cert'], parseCertificates);
  const privateKey = readAt(reading, ['clientCertificate', 'key'], parsePrivateKey);
  if (certificate === undefined || privateKey === undefined) return undefined;
  return attempt(reading, ['clientCertificate'], () => {
    checkPair(certificate, privateKey);
    return Object.freeze({ certificate, privateKey });
  });
}

/** What `parse` makes of the file that stands at `keys`; `undefined` where no file is named there, or with a problem more. */
function readAt(
  reading: Reading,
  keys: readonly string[],
  parse: (text: string) => string,
): string | undefined {
  const file = textAt(keys.reduce(valueAt, reading.entry), 'file');
  if (file === undefined || file === '') return undefined;
  return attempt(reading, [...keys, 'file'], () => parse(reading.readFile(file)), `${quote(file)}: `);
}

function attempt<T>(reading: Reading, keys: readonly string[], work: () => T, subject = ''): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    // That a file cannot be read names it already.
    const message = error.code === 'FILE_UNREADABLE' ? error.message : subject + error.message;
    reading.problems.push({ path: [...reading.path, ...keys], message });
    return undefined;
  }
}

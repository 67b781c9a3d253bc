// SPDX-License-Identifier: Apache-2.0
import { CountersignError } from '../errors.ts';
import { type FoundTrustRoot, findTrustRoot, trustCacheFolder } from '../trust/index.ts';
import { readConfig } from './engine.ts';
import type { OutputFormat } from './print-report.ts';
import { complain, type Terminal } from './terminal.ts';
import { describeTrustRoot, trustRootJson } from './trust-text.ts';
import { withTrustedRoot } from './trusted-root.ts';

type ShowOptions = {
  readonly config?: string;
  readonly trustedRoot?: string;
  readonly output: OutputFormat;
};

/**
 * `countersign trust show`: every authority and log of every trust root, until when, from where it is, and what its fingerprint is. A root
 * that was never fetched is told on stderr; exit code 3 where there is one.
 */
export function trustShowCommand(options: ShowOptions, terminal: Terminal): number {
  const trustRoots = withTrustedRoot(readConfig(options.config), options.trustedRoot);
  const cacheFolder = trustCacheFolder(terminal.env);
  const now = Date.now();
  const roots: FoundTrustRoot[] = [];
  let missing = 0;
  for (const [name, from] of trustRoots) {
    const found = findTrustRoot(name, from, { cacheFolder });
    if (found !== undefined) roots.push(found);
    else {
      missing += 1;
      complain(terminal, new CountersignError('TRUST_ROOT_MISSING', `trust root ${name}: never fetched`));
    }
  }
  terminal.out(
    options.output === 'json'
      ? `${JSON.stringify({ trustRoots: roots.map((root) => trustRootJson(root, now)) }, null, 2)}\n`
      : roots.map((root) => describeTrustRoot(root, now)).join('\n'),
  );
  return missing > 0 ? 3 : 0;
}

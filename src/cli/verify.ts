// SPDX-License-Identifier: Apache-2.0
import { loadPolicies } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { evaluate } from '../evaluate.ts';
import type { CompiledPolicy } from '../policy/index.ts';
import { exitCode } from '../report/index.ts';
import { startEngine } from './engine.ts';
import { keyPolicy } from './key-policy.ts';
import { durationOf } from './option-values.ts';
import { type OutputFormat, printReport } from './print-report.ts';
import type { Terminal } from './terminal.ts';

type VerifyOptions = {
  readonly policy?: readonly string[];
  readonly key?: string;
  readonly signatureDigestAlgorithm?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly output: OutputFormat;
  readonly timeout: string;
};

/** `countersign verify IMAGE…`: the same engine as the server's, every rule as if it were enforced. */
export async function verifyCommand(
  images: readonly string[],
  options: VerifyOptions,
  terminal: Terminal,
): Promise<number> {
  const engine = startEngine(policiesOf(options), options, terminal);
  try {
    const question = {
      images: [...new Set(images)].map((image) => ({ image, uses: [] })),
      scope: scopeOf(options),
      subject: 'none',
      modes: 'enforced',
      checkPins: false,
    } as const;
    const call = { signal: new AbortController().signal, budgetMs: durationOf('--timeout', options.timeout) };
    const report = await evaluate(question, engine.deps, call);
    printReport(report, options.output, terminal);
    return exitCode(report);
  } finally {
    await engine.close();
  }
}

function policiesOf(options: VerifyOptions): readonly CompiledPolicy[] {
  if ((options.key === undefined) === (options.policy === undefined)) {
    throw new CountersignError('USAGE', 'verify needs --policy FILE or --key FILE, and not both');
  }
  if (options.policy !== undefined) {
    if (options.signatureDigestAlgorithm !== undefined || options.annotations !== undefined) {
      throw new CountersignError('USAGE', '--signature-digest-algorithm and --annotations go with --key');
    }
    return loadPolicies(options.policy);
  }
  return [keyPolicy(options.key ?? '', options.signatureDigestAlgorithm, options.annotations)];
}

function scopeOf({ namespace, namespaceLabels }: VerifyOptions) {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  };
}

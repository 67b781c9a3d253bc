// SPDX-License-Identifier: Apache-2.0
import { loadPolicies } from '../config/index.ts';
import { CountersignError } from '../errors.ts';
import { evaluate } from '../evaluate.ts';
import type { CompiledPolicy } from '../policy/index.ts';
import { exitCode, type Report } from '../report/index.ts';
import { startEngine } from './engine.ts';
import { IDENTITY_FLAGS, type IdentityOptions, identityFlags } from './identity-options.ts';
import { identityPolicy } from './identity-policy.ts';
import { keyPolicy } from './key-policy.ts';
import { durationOf } from './option-values.ts';
import { type OutputFormat, printReport } from './print-report.ts';
import type { Terminal } from './terminal.ts';

type VerifyOptions = IdentityOptions & {
  readonly policy?: readonly string[];
  readonly key?: string;
  readonly signatureDigestAlgorithm?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly trustedRoot?: string;
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
    printReport(options.policy === undefined ? withoutPolicy(report) : report, options.output, terminal);
    return exitCode(report);
  } finally {
    await engine.close();
  }
}

/** Of policies, a key and an identity exactly one says who is trusted. */
function policiesOf(options: VerifyOptions): readonly CompiledPolicy[] {
  const { policy, key, signatureDigestAlgorithm, annotations } = options;
  // A key demands no log entry anyway, and commands for cosign say so.
  const identity = identityFlags(options).filter(
    (flag) => key === undefined || flag !== IDENTITY_FLAGS.insecureIgnoreTlog,
  );
  if ([policy !== undefined, key !== undefined, identity.length > 0].filter(Boolean).length !== 1) {
    const found = [
      ...(policy === undefined ? [] : ['--policy']),
      ...(key === undefined ? [] : ['--key']),
      ...identity,
    ];
    const wanted =
      'verify needs one of --policy FILE, --key FILE, and --certificate-identity ID with --certificate-oidc-issuer URL';
    throw usage(found.length === 0 ? wanted : `${wanted}; found ${found.join(' and ')}`);
  }
  if (signatureDigestAlgorithm !== undefined && key === undefined) {
    throw usage('--signature-digest-algorithm goes with --key');
  }
  if (policy !== undefined) {
    if (annotations !== undefined) throw usage('--annotations goes with --key, or an identity');
    return loadPolicies(policy);
  }
  return [
    key === undefined
      ? identityPolicy(options, annotations)
      : keyPolicy(key, signatureDigestAlgorithm, annotations),
  ];
}

/** Nobody can be told to look into a policy who gave none. */
function withoutPolicy(report: Report): Report {
  const hint =
    'if that is who should sign, change the option that asks for another (patterns are taken by --certificate-identity-regexp)';
  const images = report.images.map((image) =>
    image.code === 'IDENTITY_MISMATCH' ? { ...image, hint } : image,
  );
  return { ...report, images };
}

function usage(message: string): CountersignError {
  return new CountersignError('USAGE', message);
}

function scopeOf({ namespace, namespaceLabels }: VerifyOptions) {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  };
}

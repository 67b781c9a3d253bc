// SPDX-License-Identifier: Apache-2.0
import { loadPolicies } from '../config/index.ts';
import { formatImageReference, parseImageReference } from '../image/index.ts';
import { describeDenial, type Explanation, explain } from '../policy/index.ts';
import type { OutputFormat } from './print-report.ts';
import type { Terminal } from './terminal.ts';

type ExplainOptions = {
  readonly policy: readonly string[];
  readonly namespace?: string;
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly output: OutputFormat;
};

/** `countersign policy explain IMAGE`: which rule speaks for the image in each document, and why no earlier one. */
export async function explainCommand(
  image: string,
  { policy, namespace, namespaceLabels, output }: ExplainOptions,
  terminal: Terminal,
): Promise<number> {
  const reference = parseImageReference(image);
  const scope = { ...(namespace && { namespace }), ...(namespaceLabels && { namespaceLabels }) };
  const explanations = explain(loadPolicies(policy), reference, scope, Date.now());
  if (output === 'json') terminal.out(`${JSON.stringify({ image, explanations }, null, 2)}\n`);
  else
    terminal.out(
      `${formatImageReference(reference)}\n${explanations.map(paragraph).join('')}${verdict(explanations)}`,
    );
  return 0;
}

function paragraph(explanation: Explanation): string {
  const rules = explanation.rules.map(
    ({ line, rule, outcome, reason }) =>
      `  ${explanation.source}:${line}: ${rule} ${word(outcome)}: ${reason}\n`,
  );
  return `policy ${explanation.policy}, mode ${explanation.mode}\n${rules.join('')}`;
}

function word(outcome: Explanation['rules'][number]['outcome']): string {
  if (outcome === 'matches') return 'decides';
  return outcome === 'skipped' ? 'does not match' : 'cannot be decided';
}

/** Documents compose by and; where none speaks, nothing gets in. */
function verdict(explanations: readonly Explanation[]): string {
  const applying = explanations.filter((one) => one.outcome !== 'no-rule');
  if (applying.length === 0) {
    const mode = explanations[0]?.mode ?? 'enforce';
    return `no rule speaks for this image: ${describeDenial('NO_RULE', mode)}\n`;
  }
  return applying.length === 1 ? '' : 'every one of these rules must be satisfied\n';
}

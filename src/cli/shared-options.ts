// SPDX-License-Identifier: Apache-2.0
import { Option } from 'commander';
import { pairsOf } from './name-values.ts';

/** An option without which the command does nothing; its help says so. */
export function required(option: Option): Option {
  option.description += ' (required)';
  return option.makeOptionMandatory();
}

/** `--policy FILE`, as often as it is given. */
export function policyOption(): Option {
  return new Option('--policy <file>', 'policy file or directory; may be given several times').argParser(
    several,
  );
}

/** `--config FILE`. */
export function configOption(): Option {
  return new Option('--config <file>', 'the Config document: how registries are reached');
}

/** `--trusted-root FILE`. */
export function trustedRootOption(): Option {
  return new Option('--trusted-root <file>', 'trusted_root.json in the place of the default trust root');
}

/** `--output text|json`. */
export function outputOption(): Option {
  return new Option('--output <format>', 'text for people, json for scripts')
    .choices(['text', 'json'])
    .default('text');
}

/** `--timeout DURATION`. */
export function timeoutOption(): Option {
  return new Option('--timeout <duration>', 'time for all images together, such as 10s or 1m30s').default(
    '30s',
  );
}

/** `--namespace-labels NAME=VALUE,…`, as often as it is given. */
export function namespaceLabelsOption(): Option {
  return new Option(
    '--namespace-labels <name=value>',
    'label of the namespace; may be given several times, or with commas between',
  ).argParser(pairsOf('--namespace-labels'));
}

function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

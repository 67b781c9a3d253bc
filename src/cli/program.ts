// SPDX-License-Identifier: Apache-2.0
import { Command, CommanderError, Option } from 'commander';
import { asCountersignError, CODES } from '../errors.ts';
import { refuseTwice } from './given-once.ts';
import { addIdentityOptions } from './identity-options.ts';
import { pairsOf } from './name-values.ts';
import { addServeOptions } from './serve-options.ts';
import {
  configOption,
  namespaceLabelsOption,
  outputOption,
  policyOption,
  required,
  timeoutOption,
  trustedRootOption,
} from './shared-options.ts';
import { complain, type Terminal } from './terminal.ts';
import { addTrust } from './trust-commands.ts';
import { addVerifyBundle } from './verify-bundle-options.ts';
import { VERSION } from './version.ts';

/**
 * Runs one command line and gives its exit code: 0 verified or allowed, 1 rejected, 2 usage, configuration or
 * lint errors, 3 inconclusive. Never throws. Only the code of the command that is asked for is loaded.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const known = asCountersignError(error);
    const hint = known.code === 'USAGE' ? `see: ${pathOf(program, args)} --help` : known.hint;
    complain(terminal, known, hint);
    return CODES[known.code].class === 'inconclusive' ? 3 : 2;
  }
}

/** The command that was asked for, as it is called: `countersign policy lint`. */
function pathOf(command: Command, [first, ...others]: readonly string[]): string {
  const inner = command.commands.find((one) => one.name() === first);
  return inner === undefined ? command.name() : `${command.name()} ${pathOf(inner, others)}`;
}

type Finish = (exitCode: number) => void;

function buildProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('countersign')
    .description('Only images signed by someone you trust get to run.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(asOurs(text)),
    })
    .addHelpText('afterAll', EXIT_CODES)
    .addHelpText('after', '\nSee a policy at work: countersign demo');
  addVerify(program, terminal, finish);
  addVerifyBundle(program, terminal, finish);
  addCheck(program, terminal, finish);
  addServe(program, terminal, finish);
  addPolicy(program, terminal, finish);
  addTrust(program, terminal, finish);
  addDemo(program, terminal, finish);
  teachAfterError(program, program.name());
  return program;
}

const EXIT_CODES = `
Exit codes: 0 verified or allowed, 1 rejected, 2 usage, configuration or lint errors,
3 inconclusive (a registry is down); of several images the first of 2, 1, 3, 0.`;

/** An error of the parser in the form of all others: `countersign: MESSAGE [USAGE]`. */
function asOurs(text: string): string {
  return `${text
    .trim()
    .replace(/^error: /, 'countersign: ')
    .replaceAll('\n', ' ')} [USAGE]\n`;
}

function teachAfterError(command: Command, path: string): void {
  command.showHelpAfterError(`hint: see: ${path} --help`);
  for (const inner of command.commands) teachAfterError(inner, `${path} ${inner.name()}`);
}

function addVerify(program: Command, terminal: Terminal, finish: Finish): void {
  const verify = program
    .command('verify')
    .description('verify images against policies, or one key or identity; modes do not apply: as enforced')
    .argument('<image...>', 'image references')
    .addOption(policyOption())
    .option('--key <file>', 'public key, PEM, instead of --policy; demands no transparency log entry')
    .addOption(
      new Option('--signature-digest-algorithm <hash>', 'hash that --key signed with').choices([
        'sha224',
        'sha256',
        'sha384',
        'sha512',
      ]),
    )
    .option(
      '-a, --annotations <name=value>',
      'annotation that a signature must carry, without --policy; may be given several times, or with commas between',
      pairsOf('--annotations'),
    );
  addIdentityOptions(verify)
    .option('--namespace <name>', 'namespace that rules with namespaces are matched against')
    .addOption(namespaceLabelsOption())
    .addOption(configOption())
    .addOption(trustedRootOption())
    .addOption(outputOption())
    .addOption(timeoutOption())
    .action(async (images: string[], options) => {
      const { verifyCommand } = await import('./verify.ts');
      finish(await verifyCommand(images, options, terminal));
    });
  refuseTwice(verify);
}

function addCheck(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('check')
    .description('every image of Kubernetes manifests, as the admission server would answer')
    .argument('<path...>', 'files, directories, or - for standard input')
    .addOption(required(policyOption()))
    .option('--namespace <name>', 'namespace of objects that name none', 'default')
    .addOption(namespaceLabelsOption())
    .addOption(configOption())
    .addOption(trustedRootOption())
    .addOption(outputOption())
    .addOption(timeoutOption())
    .action(async (paths: string[], options) => {
      const { checkCommand } = await import('./check.ts');
      finish(await checkCommand(paths, options, terminal));
    });
}

function addServe(program: Command, terminal: Terminal, finish: Finish): void {
  const serve = program
    .command('serve')
    .description('the admission server: POST /validate and /mutate')
    .addOption(required(policyOption()))
    .addOption(configOption());
  addServeOptions(serve).action(async (options) => {
    const { serveCommand } = await import('./serve.ts');
    finish(await serveCommand(options, terminal));
  });
}

function addPolicy(program: Command, terminal: Terminal, finish: Finish): void {
  const policy = program.command('policy').description('read, explain and check policies');
  policy
    .command('lint')
    .description('all errors, and all roads in: what the policies let in unverified')
    .argument('[file...]', 'policy files or directories')
    .addOption(policyOption())
    .addOption(outputOption())
    .action(async (files: string[], options) => {
      const { lintCommand } = await import('./policy-lint.ts');
      finish(await lintCommand(files, options, terminal));
    });
  policy
    .command('explain')
    .description('which rule an image falls under, and why')
    .argument('<image>', 'image reference')
    .addOption(required(policyOption()))
    .option('--namespace <name>', 'namespace that rules with namespaces are matched against')
    .addOption(namespaceLabelsOption())
    .addOption(outputOption())
    .action(async (image: string, options) => {
      const { explainCommand } = await import('./policy-explain.ts');
      finish(await explainCommand(image, options, terminal));
    });
  policy
    .command('schema')
    .description('the JSON Schema of the TrustPolicy document')
    .action(async () => {
      const { schemaCommand } = await import('./policy-schema.ts');
      finish(schemaCommand(terminal));
    });
}

function addDemo(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('demo')
    .description('the whole story on this machine in seconds, nothing outside needed')
    .option('--keep', 'leave the registry and the server running, to try by hand')
    .addOption(new Option('--swap-key', 'verify with another key than the one that signed').hideHelp())
    .addOption(new Option('--swap-root', 'trust another Sigstore than the one that signed').hideHelp())
    .action(async (options) => {
      const { demoCommand } = await import('./demo.ts');
      finish(await demoCommand(options, terminal));
    });
}

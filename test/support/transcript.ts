// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { ACME_HOST, type AcmeStage } from './acme.ts';
import { type Outcome, runCommand } from './command.ts';

/**
 * Runs the commands of a transcript and gives it as it comes out: `countersign …`, `cat FILE …` of the stage's
 * folder, `cat FILE | countersign …`, and `echo $?`. Shown is what a terminal shows, stdout before stderr.
 */
export async function playTranscript(body: string, stage: AcmeStage): Promise<string> {
  let shown = '';
  let exit = 0;
  for (const command of commandsOf(body)) {
    const outcome = await play(stage.here(command.replaceAll(/\\\n\s*/g, '')), exit, stage);
    exit = outcome.exit;
    shown += `$ ${command}\n${outcome.stdout}${outcome.stderr}`;
  }
  return shown.replaceAll(stage.registry.host, ACME_HOST);
}

function commandsOf(body: string): string[] {
  return [...body.matchAll(/^\$ ((?:.*\\\n)*.*)$/gm)].map(([, command = '']) => command);
}

async function play(command: string, exit: number, stage: AcmeStage): Promise<Outcome> {
  if (command === 'echo $?') return { exit: 0, stdout: `${exit}\n`, stderr: '' };
  const [first = '', second] = command.split(' | ');
  if (second !== undefined) return runCommand(wordsOf(second), { stdin: contentOf(first, stage) });
  if (first.startsWith('cat ')) return { exit: 0, stdout: contentOf(first, stage), stderr: '' };
  return runCommand(wordsOf(first));
}

function wordsOf(command: string): string[] {
  const [name, ...words] = command.split(/\s+/);
  if (name !== 'countersign') throw new Error(`a transcript can not run: ${command}`);
  return words;
}

function contentOf(command: string, stage: AcmeStage): string {
  const [, ...names] = command.split(/\s+/);
  return names.map((name) => readFileSync(stage.folder.path(name), 'utf8')).join('');
}

/** A transcript without what differs from run to run: digests, fingerprints, times. */
export function normalise(transcript: string): string {
  return transcript
    .replaceAll(/(sha256[:-])[0-9a-f]+…?/g, '$1…')
    .replaceAll(/("durationMs": )[0-9.]+/g, '$10')
    .trimEnd();
}

// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { CountersignError } from '../errors.ts';
import { isJsonObject } from '../json-object.ts';
import { LIMITS } from '../limits.ts';
import { type Credential, identityCredential, passwordCredential } from './credential.ts';

/** What a helper program may be called: no path, no option, nothing that a shell would read. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether there may be a `docker-credential-NAME`. */
export function isHelperName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Asks `docker-credential-NAME get`, found on PATH and run without a shell, for the credential of a server (docker's
 * credential helper protocol). `undefined`: it has none. Bounded in time ({@link LIMITS}.helperMs) and output. What it
 * says is a secret, and so is never quoted.
 *
 * @throws REGISTRY_UNAUTHORIZED where it fails in any other way; CANCELLED, where the signal aborts
 */
export async function askHelper(
  name: string,
  address: string,
  signal: AbortSignal,
): Promise<Credential | undefined> {
  if (!isHelperName(name)) throw failed(name, 'that is no name of a program');
  const { code, output } = await run(name, address, signal);
  if (code === 0) return parseAnswer(name, output);
  if (/credentials not found|no credentials/i.test(output)) return undefined;
  throw failed(name, code === null ? 'it was killed' : `it ended with ${code}`);
}

type Ended = { readonly code: number | null; readonly output: string };

function run(name: string, address: string, signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(`docker-credential-${name}`, ['get'], {
      shell: false,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.on('error', (error) => reject(failed(name, reasonOf(error), error)));
    // It was not started, and where no file can be opened any more it has no pipes either; why comes as an event.
    if (child.pid === undefined) return;
    const pieces: Buffer[] = [];
    let bytes = 0;
    const end = (error: CountersignError) => {
      child.kill('SIGKILL');
      // Programs that it started may hold the pipe open: nobody reads it any more.
      child.stdout.destroy();
      reject(error);
    };
    const cancel = () =>
      end(new CountersignError('CANCELLED', `docker-credential-${name}: nobody waits for it`));
    const timer = setTimeout(
      () => end(failed(name, `no answer within ${LIMITS.helperMs} ms`)),
      LIMITS.helperMs,
    );
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > LIMITS.helperBytes) end(failed(name, `more than ${LIMITS.helperBytes} bytes`));
      else pieces.push(piece);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      resolve({ code, output: Buffer.concat(pieces).toString('utf8') });
    });
    // It may end before it has read anything; how it ended says enough.
    child.stdin.on('error', () => {});
    child.stdin.end(`${address}\n`);
  });
}

/** `{"ServerURL":…,"Username":…,"Secret":…}`; the user name `<token>` says that the secret is an identity token. */
function parseAnswer(name: string, output: string): Credential | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    throw failed(name, 'its answer is not JSON');
  }
  if (!isJsonObject(answer)) throw failed(name, 'its answer is not a JSON object');
  const { Username: username = '', Secret: secret = '' } = answer;
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failed(name, 'Username and Secret are no strings');
  }
  if (username === '' || secret === '') return undefined;
  return username === '<token>' ? identityCredential(secret) : passwordCredential(username, secret);
}

function reasonOf(error: Error): string {
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such program on PATH' : 'it cannot be run';
}

function failed(name: string, reason: string, cause?: unknown): CountersignError {
  const shown = isHelperName(name) ? `docker-credential-${name}` : 'the credential helper';
  return new CountersignError('REGISTRY_UNAUTHORIZED', `${shown}: ${reason}`, { cause });
}

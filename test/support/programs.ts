// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** For the `skip` option of a test: which programs are not on the PATH, and the script that installs them; else `false`. */
export function skipWithout(programs: readonly string[], installer: string): string | false {
  const missing = programs.filter((program) => pathOf(program) === undefined);
  return missing.length === 0 ? false : `not on the PATH: ${missing.join(', ')} (see ${installer})`;
}

/** Where a program is that the PATH leads to. */
export function pathOf(program: string): string | undefined {
  const files = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      // Not in this folder: the next one is looked at.
      return false;
    }
  });
}

/** A port of 127.0.0.1 that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Whether something on 127.0.0.1 takes connections at this port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

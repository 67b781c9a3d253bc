// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:http';

/** Takes no new connection, ends idle ones, and after `milliseconds` also those that still wait for an answer. */
export function finish(server: Server, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), milliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

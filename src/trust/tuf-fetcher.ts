// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import { LIMITS } from '../limits.ts';
import type { FileClient } from '../registry/index.ts';

/** What tuf-js asks of whoever fetches for it. */
export type TufFetcher = {
  downloadBytes(url: string, maxLength: number): Promise<Buffer>;
  downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T>;
};

/**
 * A fetcher over our own client, with its guard and bounds, in the place of the one that tuf-js has. tuf-js takes from
 * the status of {@link DownloadHTTPError} where the chain of roots ends; it does not export that class at its door.
 * Files that it asks for are written to `folder`. `deadline` is on the clock of `performance.now()`.
 */
export function createTufFetcher(
  client: FileClient,
  {
    folder,
    signal,
    deadline,
  }: { readonly folder: string; readonly signal: AbortSignal; readonly deadline: number },
): TufFetcher {
  const fetcher: TufFetcher = {
    async downloadBytes(url, maxLength) {
      const limit = Math.min(maxLength, LIMITS.tufDocumentBytes);
      const { status, bytes } = await client.get(new URL(url), limit, { signal, deadline });
      if (status !== 200) throw new DownloadHTTPError(`the answer was ${status}`, status);
      return Buffer.from(bytes);
    },
    async downloadFile(url, maxLength, handler) {
      const file = join(folder, 'download');
      writeFileSync(file, await fetcher.downloadBytes(url, maxLength));
      return handler(file);
    },
  };
  return fetcher;
}

// SPDX-License-Identifier: Apache-2.0
import { abortReason } from '../errors.ts';
import type { FairLine } from './fair-line.ts';
import type { Tenants } from './tenants.ts';

/** Somebody in a line, who is called in the turn of one of his tenants. */
export type Waiter = { readonly go: (tenant: string) => void };

/**
 * Waits at the end of the line of each tenant until somebody calls; gives the tenant in whose turn that was. Who asks is in
 * the line when this returns.
 *
 * @param more what else the line knows of who waits
 * @throws the reason of the signal, CANCELLED where it has none of ours, as soon as that is aborted; who waited is in no line then
 */
export function waitInLine<More extends object>(
  line: FairLine<Waiter & More>,
  more: More,
  tenants: Tenants,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    const abort = () => {
      leave();
      reject(abortReason(signal));
    };
    const go = (tenant: string) => {
      signal.removeEventListener('abort', abort);
      resolve(tenant);
    };
    const leave = line.add({ ...more, go }, tenants);
    signal.addEventListener('abort', abort, { once: true });
  });
}

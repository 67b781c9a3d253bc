// SPDX-License-Identifier: Apache-2.0
import { VerificationError } from '../../../errors.ts';
import { quote } from '../../../image/quote.ts';
import { isJsonObject } from '../../../json-object.ts';
import { LIMITS } from '../../../limits.ts';
import { parseJson } from '../../json.ts';
import type { LogEntry } from '../log-entry.ts';
import { mismatchedEntry } from './refusal.ts';

/** The body of a log entry, read: what it says of itself is not compared with anything yet. */
export type LogBody = {
  /** Kind and version, `hashedrekord 0.0.1`. */
  readonly type: string;
  readonly spec: unknown;
};

/**
 * The body of the entry, which must be of the kind that the bundle says, where it says one.
 *
 * Attacker input.
 *
 * @throws VerificationError LOG_ENTRY_MISMATCH, LIMIT_EXCEEDED
 */
export function parseBody({ body, kindVersion }: LogEntry): LogBody {
  if (body.length > LIMITS.logBodyBytes) {
    throw new VerificationError(
      'LIMIT_EXCEEDED',
      `a log entry has a body of ${body.length} bytes; at most ${LIMITS.logBodyBytes} are read`,
    );
  }
  const json = parseJson(body, 'LOG_ENTRY_MISMATCH', 'body of the log entry');
  const [kind, version] = [at(json, 'kind'), at(json, 'apiVersion')];
  if (typeof kind !== 'string' || typeof version !== 'string') {
    throw mismatchedEntry('its body does not say what kind it is');
  }
  const type = `${kind} ${version}`;
  if (kindVersion !== undefined && (kindVersion.kind !== kind || kindVersion.version !== version)) {
    const { kind: wanted, version: of } = kindVersion;
    throw mismatchedEntry(`its body is a ${quote(type)}, the bundle says ${quote(`${wanted} ${of}`)}`);
  }
  return { type, spec: at(json, 'spec') };
}

/** What stands at the path of names; `undefined` where nothing does. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((found, name) => (isJsonObject(found) ? found[name] : undefined), value);
}

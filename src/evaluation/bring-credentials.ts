// SPDX-License-Identifier: Apache-2.0
import { type AdmissionRequest, type PodPullSecrets, readPullSecrets } from '../admission/index.ts';
import type { RuleFinding } from '../decide.ts';
import type { Code } from '../errors.ts';
import type { PulledWith, PullSecrets } from '../kubernetes/index.ts';
import type { Credentials, Exchange } from '../registry/index.ts';
import type { Case } from './case.ts';
import type { Call } from './deadline.ts';

/** Gives the credentials that the images of one object are pulled with. */
export type Bring = (exchange: Exchange) => PulledWith | Promise<PulledWith>;

/**
 * Those of the Pod in the request and of the installation; of the installation alone for a caller who is not
 * proven: else whoever reaches us could use any namespace's. `undefined` where none are read.
 */
export function bringerOf(
  request: AdmissionRequest,
  pullSecrets: PullSecrets | undefined,
  { proven }: Call,
): Bring | undefined {
  if (pullSecrets === undefined) return undefined;
  let pod: PodPullSecrets | undefined;
  return (exchange) => {
    if (proven !== false) pod ??= readPullSecrets(request);
    return pullSecrets.gather(pod, exchange);
  };
}

/** Has the registry asked with these credentials; gives what could not be read of them. */
export function bringCredentials(
  bring: Bring,
  watch: { readonly exchange: Exchange; bring(credentials: Credentials): void },
): string | undefined | Promise<string | undefined> {
  const found = bring(watch.exchange);
  const use = ({ credentials, problem }: PulledWith) => {
    watch.bring(credentials);
    return problem;
  };
  return found instanceof Promise ? found.then(use) : use(found);
}

/** What a registry says where the right credentials were not there. */
const FOR_WANT_OF_CREDENTIALS: ReadonlySet<Code> = new Set([
  'REGISTRY_UNAUTHORIZED',
  'IMAGE_NOT_FOUND',
  'TOKEN_REALM_FORBIDDEN',
]);

/** The case, where a refusal says that a pull secret could not be read. */
export function explainRefusals(found: Case, problem: string | undefined): Case {
  if (problem === undefined) return found;
  return { ...found, findings: found.findings.map((finding) => explained(finding, problem)) };
}

function explained(finding: RuleFinding, problem: string): RuleFinding {
  if (!FOR_WANT_OF_CREDENTIALS.has(finding.code)) return finding;
  return { ...finding, message: `${finding.message} (${problem})` };
}

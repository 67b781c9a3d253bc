// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../../src/report/index.ts';
import { folderOf, runCommand } from '../command.ts';
import type { Verdict } from './case.ts';
import { runCosign } from './cosign.ts';
import type { StoredCase } from './stored-cases.ts';

/** What our `verify` says under a policy for the case: the reason is the code. */
export async function judgeStored(one: StoredCase): Promise<Verdict> {
  const key = 'key' in one.signer ? one.signer.key : '';
  const folder = folderOf({
    'policy.yaml': policyOf(one),
    'cosign.pub': key,
    'root.json': Buffer.from(one.trustedRoot).toString(),
  });
  try {
    const files = ['--policy', folder.path('policy.yaml'), '--trusted-root', folder.path('root.json')];
    const { stdout, stderr } = await runCommand(['verify', one.image, ...files, '--output', 'json']);
    if (stdout === '') throw new Error(stderr);
    const [image] = (JSON.parse(stdout) as Report).images;
    return { accepts: image?.decision === 'allow', reason: image?.code ?? '' };
  } finally {
    folder.close();
  }
}

function policyOf({ signer, type, isLogged }: StoredCase): string {
  const who =
    'key' in signer
      ? `{ key: { file: cosign.pub }${isLogged ? ', log: required' : ''} }`
      : `{ keyless: { issuer: "${signer.issuer}", subject: "${signer.identity}" } }`;
  const demand =
    type === undefined ? 'require: s' : `attestations: [{ type: "${type}", by: s, quantifier: any }]`;
  return `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: differential }
signers: { s: ${who} }
rules: [{ name: all, images: ["**"], ${demand} }]
`;
}

/** What `cosign verify` or `cosign verify-attestation` says. */
export async function judgeStoredByCosign({
  image,
  trustedRoot,
  signer,
  type,
  isLogged,
}: StoredCase): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-stored-'));
  try {
    writeFileSync(join(folder, 'root.json'), trustedRoot);
    if ('key' in signer) writeFileSync(join(folder, 'cosign.pub'), signer.key);
    const who =
      'key' in signer
        ? ['--key', 'cosign.pub', ...(isLogged ? [] : ['--insecure-ignore-tlog'])]
        : ['--certificate-identity', signer.identity, '--certificate-oidc-issuer', signer.issuer];
    const what = type === undefined ? ['verify'] : ['verify-attestation', '--type', type];
    return await runCosign(folder, [...what, '--trusted-root', 'root.json', ...who, image]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

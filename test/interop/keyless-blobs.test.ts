// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PERSON, workflowOf } from './identity-provider.ts';
import { SIGSTORE_PROGRAMS, type SigstoreServices, startSigstoreServices } from './sigstore-services.ts';
import { cosign, countersign, skipWithout } from './tools.ts';

const WORKFLOW = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

describe('files that cosign signs, verified without the services', {
  skip: skipWithout(...SIGSTORE_PROGRAMS),
}, () => {
  let services: SigstoreServices;

  before(async () => {
    services = await startSigstoreServices();
    const { folder } = services;
    await cosign(folder, ['generate-key-pair']);
    writeFileSync(join(folder, 'blob'), 'release 1.0');
    writeFileSync(join(folder, 'other'), 'release 1.1');
    await services.cosign('sign-blob', ['--bundle', 'person.json', 'blob'], PERSON);
    await services.cosign('sign-blob', ['--bundle', 'workflow.json', 'blob'], workflowOf('acme/app'));
    await services.cosign('sign-blob', ['--bundle', 'key.json', '--key', 'cosign.key', 'blob']);
    await services.stop();
  });
  after(() => services?.close());

  const verify = async (file: string, bundle: string, who: readonly string[]) => {
    const path = (name: string) => join(services.folder, name);
    const root = ['--trusted-root', path('trusted-root.json')];
    const { exitCode, stdout, stderr } = await countersign([
      ...['verify-bundle', path(file), '--bundle', path(bundle), ...root],
      ...who.map((one) => (one === 'cosign.pub' ? path(one) : one)),
    ]);
    assert.equal(exitCode, stdout.startsWith('verified') ? 0 : 1, stdout + stderr);
    return stdout;
  };
  const by = (identity: string, issuer: 'mail' | 'workflow') => [
    ...['--certificate-identity', identity],
    ...['--certificate-oidc-issuer', services.issuer(issuer)],
  ];

  test('by a person, a workflow, a key', async () => {
    assert.match(await verify('blob', 'person.json', by('dev@example.test', 'mail')), /^verified/);
    assert.match(await verify('blob', 'workflow.json', by(WORKFLOW, 'workflow')), /^verified/);
    assert.match(await verify('blob', 'key.json', ['--key', 'cosign.pub']), /^verified/);
  });

  test('not by somebody else, and not another file', async () => {
    assert.match(await verify('blob', 'workflow.json', by(WORKFLOW, 'mail')), /IDENTITY_MISMATCH/);
    assert.match(await verify('other', 'person.json', by('dev@example.test', 'mail')), /^rejected/);
    assert.match(await verify('other', 'key.json', ['--key', 'cosign.pub']), /^rejected/);
  });
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ACME_HOST, type AcmeStage, startAcme } from '../support/acme.ts';
import { runCommand } from '../support/command.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'https://github.com/acme/shop/.github/workflows/release.yaml@refs/heads/main';
const RIGHT = ['--certificate-oidc-issuer', ISSUER, '--certificate-identity', SUBJECT];

describe('verify with an identity in the place of a policy', () => {
  let stage: AcmeStage;
  before(async () => {
    stage = await startAcme();
  });
  after(() => stage.close());

  const verify = (...options: string[]) => {
    const root = ['--trusted-root', stage.folder.path('trusted_root.json')];
    return runCommand(['verify', stage.here(`${ACME_HOST}/shop:build-8`), ...root, ...options]);
  };

  test('takes the one that signed', async () => {
    assert.equal((await verify(...RIGHT)).exit, 0);
  });

  const wrong: Record<string, string[]> = {
    'another subject': ['--certificate-oidc-issuer', ISSUER, '--certificate-identity', `${SUBJECT}2`],
    'a pattern for a text': [
      ...['--certificate-oidc-issuer', ISSUER],
      ...['--certificate-identity', SUBJECT.replace('shop', '*')],
    ],
    'another repository': [...RIGHT, '--certificate-github-workflow-repository', 'northwind/shop'],
  };
  for (const [what, options] of Object.entries(wrong)) {
    test(`with ${what} hints at the options, and names no policy`, async () => {
      const { exit, stdout } = await verify(...options);
      assert.equal(exit, 1);
      assert.match(stdout, /rejected {5}IDENTITY_MISMATCH/);
      assert.match(stdout, /hint .*change the option that asks for another .*--certificate-identity-regexp/);
      assert.doesNotMatch(stdout, /--policy FILE/);
    });
  }
});

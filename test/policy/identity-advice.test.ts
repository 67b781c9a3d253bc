// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CertificateIdentity, identityMismatch } from '../../src/policy/index.ts';
import { keylessSignerOf } from '../support/keyless.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const FILE = 'https://github.com/acme/app/.github/workflows/release.yml';
const CLAIMS = { sourceRepositoryURI: 'https://github.com/acme/app' };

/** What comes behind the text that was wanted, or behind the subject that was found. */
function said(wanted: string, found: string, more: Partial<CertificateIdentity> = {}): readonly string[] {
  const keyless = `{ issuer: "${ISSUER}", ${wanted}, claims: { sourceRepositoryOwner: https://github.com/acme } }`;
  const identity = {
    issuer: ISSUER,
    subject: { kind: 'uri', value: found },
    claims: CLAIMS,
    ...more,
  } as const;
  const message = identityMismatch(keylessSignerOf(keyless), identity) ?? '';
  return [...message.matchAll(/" as subject( \(.*\))?; wanted .*?"( \(.*\))?$/g)].flatMap(
    ([, a = '', b = '']) => [a, b],
  );
}

const REF = ' (subjects of workflows end with @ and a ref)';
const FULL = ' (a ref is written in full, such as refs/heads/main or refs/tags/v1)';
const DEEPER = ' (* takes one segment between slashes, ** several)';

for (const [wanted, found, advice] of [
  [FILE, `${FILE}@refs/heads/main`, REF],
  [`${FILE}@main`, `${FILE}@refs/heads/main`, FULL],
  [`${FILE}@v1`, `${FILE}@refs/tags/v1`, FULL],
  [`${FILE}@v1`, `${FILE}@refs/heads/x/v1`, ''],
  [`${FILE}@*`, `${FILE}@refs/heads/main`, DEEPER],
  [`${FILE}@refs/heads/*`, `${FILE}@refs/heads/feature/x`, DEEPER],
  [`${FILE}@refs/heads/*`, `${FILE}@refs/tags/x`, ''],
  [`${FILE}@refs/heads/main`, `${FILE}@refs/tags/v1`, ''],
  [`${FILE}@refs/heads/main`, `${FILE.replace('acme', 'evil')}@refs/heads/main`, ''],
] as const) {
  test(`${wanted.slice(FILE.length)} and ${found.slice(FILE.length)}`, () => {
    const claims = { sourceRepositoryURI: 'https://github.com/evil/app' };
    assert.deepEqual(said(`subject: "${wanted}"`, found, { claims }), ['', advice]);
  });
}

test('a workflow that another repository called says which one', () => {
  const borrowed = 'https://github.com/acme/workflows/.github/workflows/sign.yml@refs/heads/main';
  const wanted = `subject: "${FILE}@refs/heads/main"`;
  assert.deepEqual(said(wanted, borrowed), [' (called from "https://github.com/acme/app")', '']);
  assert.deepEqual(
    said(wanted, borrowed, { claims: { sourceRepositoryURI: 'https://github.com/acme/ap' } }),
    ['', ''],
  );
  assert.deepEqual(said(wanted, borrowed, { claims: {} }), ['', '']);
  assert.deepEqual(said(wanted, `${FILE}@refs/tags/v1`), ['', '']);
});

test('issuers that look alike', () => {
  const message = (issuer: string) => {
    const signer = keylessSignerOf(`{ issuer: "${issuer}", subject: kim@acme.example }`);
    return identityMismatch(signer, {
      issuer: 'https://i.example',
      subject: { kind: 'email', value: 'kim@acme.example' },
      claims: {},
    });
  };
  for (const alike of ['https://i.example/', 'https://I.example']) {
    assert.match(message(alike) ?? '', / \(issuers are compared to the letter\)$/);
  }
  assert.doesNotMatch(message('https://j.example') ?? '', /to the letter/);
});

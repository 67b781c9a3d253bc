// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../src/index.ts';
import { type AcmeStage, startAcme } from '../support/acme.ts';
import { folderOf, runCommand } from '../support/command.ts';

describe('countersign verify', () => {
  let stage: AcmeStage;
  before(async () => {
    stage = await startAcme();
  });
  after(() => stage.close());
  const file = (name: string) => stage.folder.path(name);
  const verify = (...args: string[]) => runCommand(['verify', ...args]);

  test('a signed image, by policy: 0, and nothing on stderr', async () => {
    const { web } = stage.images;
    const { exit, stdout, stderr } = await verify('--policy', file('policy.yaml'), web.reference);
    assert.deepEqual([exit, stderr], [0, '']);
    const lines = stdout.split('\n');
    assert.equal(lines[0], web.reference);
    assert.equal(lines[1], `  digest       ${web.digest}`);
    assert.equal(lines[2], '  verified     rule acme of policy acme');
    assert.match(lines[3] ?? '', /^ {2}signer {7}release, key sha256:[0-9a-f]{12}, simple-signing$/);
  });

  test('a signed image, by key; in both formats', async () => {
    const { web, api } = stage.images;
    const { exit, stdout } = await verify('--key', file('cosign.pub'), web.reference, api.pinned);
    assert.equal(exit, 0);
    assert.match(stdout, /simple-signing\n\n.*\n.*\n.*\n.*bundle\n$/);
  });

  test('another key: 1, and the reason on stdout', async () => {
    const { exit, stdout, stderr } = await verify('--key', file('other.pub'), stage.images.web.reference);
    assert.deepEqual([exit, stderr], [1, '']);
    assert.match(
      stdout,
      /rejected {5}SIGNATURE_INVALID, rule key of policy command-line\n {2}why {10}wanted/,
    );
  });

  test('an unsigned image: 1, with the command that would help', async () => {
    const { batch } = stage.images;
    const { exit, stdout } = await verify('--policy', file('policy.yaml'), batch.reference);
    assert.equal(exit, 1);
    assert.ok(
      stdout.includes(`hint         sign it: cosign sign [--key KEY] ${batch.reference}@${batch.digest}`),
    );
  });

  test('modes do not apply: as enforced, also where the policy would only warn', async () => {
    const { batch } = stage.images;
    const args = ['--policy', file('policy.yaml'), '--namespace', 'dev-1', batch.reference];
    assert.equal((await verify(...args)).exit, 1);
  });

  test('an exemption is a yes, and says so', async () => {
    const { exit, stdout } = await verify(
      '--policy',
      file('policy.yaml'),
      stage.here('registry.acme.example/vendor/redis'),
    );
    assert.equal(exit, 0);
    assert.match(
      stdout,
      /exempt {7}rule vendor of policy acme\n {2}why {10}let in unverified: unsigned upstream/,
    );
  });

  test('an image that is not there, and a reference that is none: 1', async () => {
    const gone = await verify('--policy', file('policy.yaml'), `${stage.registry.host}/gone:1`);
    assert.equal(gone.exit, 1);
    assert.match(gone.stdout, /rejected {5}IMAGE_NOT_FOUND/);
    const bad = await verify('--policy', file('policy.yaml'), 'Not An Image');
    assert.equal(bad.exit, 1);
    assert.match(bad.stdout, /rejected {5}REFERENCE_INVALID/);
    const empty = await verify('--policy', file('policy.yaml'), '');
    assert.equal(empty.exit, 1);
    assert.match(empty.stdout, /^""\n {2}rejected {5}REFERENCE_INVALID/);
  });

  test('a registry that is down: 3, never 0 or 1; beside a rejected image 1', async () => {
    const key = ['--key', file('cosign.pub')];
    const unreachable = `127.0.0.1:1/web@${stage.images.web.digest}`;
    const down = await verify(...key, unreachable);
    assert.equal(down.exit, 3);
    assert.match(down.stdout, /inconclusive REGISTRY_UNREACHABLE/);
    assert.match(down.stdout, /hint {9}.*curl -v https:\/\/127\.0\.0\.1:1\/v2\/\n/);
    assert.equal((await verify(...key, stage.images.web.reference, unreachable)).exit, 3);
    assert.equal((await verify(...key, unreachable, stage.images.batch.reference)).exit, 1);
  });

  test('--output json is the documented Report, and no more', async () => {
    const { web, batch } = stage.images;
    const { exit, stdout, stderr } = await verify(
      '--policy',
      file('policy.yaml'),
      '--output',
      'json',
      web.reference,
      batch.reference,
    );
    assert.deepEqual([exit, stderr], [1, '']);
    const report = JSON.parse(stdout) as Report;
    assert.deepEqual(Object.keys(report), ['apiVersion', 'kind', 'allowed', 'images']);
    assert.deepEqual(
      [report.apiVersion, report.kind, report.allowed],
      ['countersign.dev/v1', 'Report', false],
    );
    const [signed, unsigned] = report.images;
    assert.ok(signed !== undefined && unsigned !== undefined);
    const { outcomes, durationMs, registryRequests, message, ...rest } = signed;
    assert.deepEqual(rest, {
      image: web.reference,
      digest: web.digest,
      uses: [],
      decision: 'allow',
      verdict: 'verified',
      code: 'VERIFIED',
      hint: '',
      stale: false,
      policies: [{ policy: 'acme', rule: 'acme', mode: 'enforce', verdict: 'verified', code: 'VERIFIED' }],
    });
    assert.ok(durationMs > 0 && registryRequests >= 3 && message !== '');
    assert.deepEqual(Object.keys(signed), [
      ...['image', 'digest', 'uses', 'decision', 'verdict', 'code', 'message', 'hint', 'stale'],
      ...['policies', 'outcomes', 'registryRequests', 'durationMs'],
    ]);
    const [outcome] = outcomes;
    assert.deepEqual(
      [outcome?.signer, outcome?.storage, outcome?.status, outcome?.code],
      ['release', 'tag', 'verified', 'VERIFIED'],
    );
    assert.deepEqual(Object.keys(outcome ?? {}), [
      ...['signer', 'candidate', 'storage', 'status', 'code', 'message', 'evidence'],
    ]);
    assert.deepEqual([unsigned.decision, unsigned.code, unsigned.outcomes], ['deny', 'UNSIGNED', []]);
  });

  test('--annotations must be carried; --signature-digest-algorithm is the hash that was signed', async () => {
    const key = ['--key', file('cosign.pub')];
    const { web } = stage.images;
    const reviewed = await verify(...key, '-a', 'reviewed=true', web.reference);
    assert.equal(reviewed.exit, 1);
    assert.match(reviewed.stdout, /ANNOTATION_MISMATCH/);
    assert.equal((await verify(...key, '--signature-digest-algorithm', 'sha256', web.reference)).exit, 0);
    assert.equal((await verify(...key, '--signature-digest-algorithm', 'sha512', web.reference)).exit, 1);
  });

  for (const [name, args, expected] of [
    [
      'no image',
      ['--key', 'cosign.pub'],
      /^countersign: missing required argument 'image' \[USAGE\]\nhint: see: countersign verify --help/,
    ],
    [
      'neither policy nor key',
      ['web'],
      /needs one of --policy FILE, --key FILE, and --certificate-identity ID with --certificate-oidc-issuer URL \[USAGE\]\nhint: see: countersign verify --help\n/,
    ],
    ['both', ['--policy', 'x', '--key', 'y', 'web'], /needs one of .*; found --policy and --key \[USAGE\]/],
    [
      'a key and an identity',
      ['--key', 'y', '--certificate-identity', 'a@b', 'web'],
      /; found --key and --certificate-identity \[/,
    ],
    [
      'a policy and a demand',
      ['--policy', 'x', '--insecure-ignore-sct', 'web'],
      /; found --policy and --insecure-ignore-sct \[/,
    ],
    [
      'two identities, of which only the last would count',
      [
        ...['--certificate-identity', 'a@b', '--certificate-identity', 'c@d'],
        ...['--certificate-oidc-issuer', 'https://i.example', 'web'],
      ],
      /--certificate-identity: given twice, "a@b" and "c@d" \[USAGE\]/,
    ],
    [
      'two keys',
      ['--key', 'a.pub', '--key', 'b.pub', 'web'],
      /--key: given twice, "a\.pub" and "b\.pub" \[USAGE\]/,
    ],
    [
      'an identity without an issuer',
      ['--certificate-identity', 'a@b', 'web'],
      /--certificate-identity: an identity needs --certificate-oidc-issuer or --certificate-oidc-issuer-regexp as well \[USAGE\]/,
    ],
    [
      'an issuer alone',
      ['--certificate-oidc-issuer', 'https://i.example', 'web'],
      /needs --certificate-identity or/,
    ],
    [
      '--annotations beside --policy',
      ['--policy', 'x', '-a', 'b=c', 'web'],
      /goes with --key, or an identity/,
    ],
    [
      'a key that is not there',
      ['--key', 'gone.pub', 'web'],
      /cannot read gone\.pub: there is no such file \[FILE_UNREADABLE\]/,
    ],
    ['a policy that is not there', ['--policy', 'gone.yaml', 'web'], /gone\.yaml.*\[FILE_UNREADABLE\]/],
    [
      'a timeout that is none',
      ['--key', 'KEY', '--timeout', 'soon', 'web'],
      /countersign: --timeout: found "soon", wanted a duration such as 10s or 1m30s \[USAGE\]/,
    ],
    [
      'a timeout without a unit',
      ['--key', 'KEY', '--timeout', '5', 'web'],
      /countersign: --timeout: "5" has no unit, did you mean 5s\? \[USAGE\]\nhint: see: countersign verify --help/,
    ],
    [
      'annotations that are none',
      ['--key', 'KEY', '-a', 'a=b,ab', 'web'],
      /countersign: --annotations: found ab, wanted NAME=VALUE \[USAGE\]\nhint: see: countersign verify --help/,
    ],
    [
      'two values of one annotation',
      ['--key', 'KEY', '-a', 'env=prod', '-a', 'env=dev', 'web'],
      /countersign: --annotations: "env" given twice, "prod" and "dev" \[USAGE\]/,
    ],
    [
      'two values of one label, with a comma between',
      ['--key', 'KEY', '--namespace-labels', 'team=a,team=b', 'web'],
      /countersign: --namespace-labels: "team" given twice, "a" and "b" \[USAGE\]/,
    ],
    [
      'labels that are none',
      ['--key', 'KEY', '--namespace-labels', 'team', 'web'],
      /--namespace-labels: found team, wanted NAME=VALUE/,
    ],
    ['a format that is none', ['--key', 'KEY', '--output', 'xml', 'web'], /Allowed choices are text, json/],
    [
      'an option that is none',
      ['--polcy', 'x', 'web'],
      /unknown option '--polcy' \(Did you mean --policy\?\) \[USAGE\]\nhint: /,
    ],
    ['a Config that is not there', ['--key', 'KEY', '--config', 'gone.yaml', 'web'], /FILE_UNREADABLE/],
  ] as const) {
    test(`${name}: 2, on stderr only`, async () => {
      const given = args.map((arg) => (arg === 'KEY' ? file('cosign.pub') : arg));
      const { exit, stdout, stderr } = await verify(...given);
      assert.deepEqual([exit, stdout], [2, '']);
      assert.match(stderr, expected);
      assert.match(stderr, /^countersign: /);
    });
  }

  test('a key file that holds no public key: 2, and what was found', async () => {
    const folder = folderOf({
      'private.key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    });
    try {
      for (const key of [folder.path('private.key'), file('policy.yaml')]) {
        const { exit, stderr } = await verify('--key', key, 'web');
        assert.equal(exit, 2);
        assert.match(stderr, /\[KEY_INVALID\]\nhint: supported: ECDSA/);
        assert.ok(stderr.startsWith(`countersign: --key ${key}: `), stderr);
        assert.doesNotMatch(stderr, /signers|command-line|--key:\d/);
        assert.doesNotMatch(stderr, /AAAA/);
      }
    } finally {
      folder.close();
    }
  });

  test('every error of a policy at once: 2', async () => {
    const folder = folderOf({ 'policy.yaml': 'apiVersion: countersign.dev/v1\nkind: Policy\nrulez: []\n' });
    try {
      const { exit, stdout, stderr } = await verify('--policy', folder.path('policy.yaml'), 'web');
      assert.deepEqual([exit, stdout], [2, '']);
      assert.match(stderr, /^countersign: .*policy\.yaml has \d errors \[POLICY_INVALID\]\n/);
      for (const part of [':2:', ':3:', 'rulez', 'TrustPolicy', '[POLICY_INVALID]'])
        assert.ok(stderr.includes(part), part);
    } finally {
      folder.close();
    }
  });

  for (const [name, credsStore, code, expected] of [
    ['warnings go to stderr', '../desktop', 0, /^countersign: .*credsStore/],
    ['a helper that is not there is inconclusive', 'not-there', 3, /docker-credential-not-there.*PATH/],
  ] as const) {
    test(`credentials come from the folder that DOCKER_CONFIG names: ${name}`, async () => {
      const folder = folderOf({ 'config.json': JSON.stringify({ credsStore }) });
      try {
        const args = ['verify', '--key', file('cosign.pub'), stage.images.web.reference];
        const { exit, stdout, stderr } = await runCommand(args, { env: { DOCKER_CONFIG: folder.path('.') } });
        assert.equal(exit, code);
        assert.match(stderr + stdout, expected);
      } finally {
        folder.close();
      }
    });
  }
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy, lintPolicy } from '../../src/policy/index.ts';
import { signerDocument } from '../support/keyless.ts';
import { readFile } from '../support/policy.ts';

const GITHUB = 'issuer: https://token.actions.githubusercontent.com';
const SUBJECT = 'subject: "https://github.com/acme/**@refs/heads/main"';
const PERSON = 'keyless: { issuer: https://i.example, subject: a@acme.example }';

function lint(text: string): string[] {
  const policy = compilePolicy(text, { source: 'policy.yaml', readFile });
  return lintPolicy(policy, 0).map(
    ({ line, level, path, message }) => `${line} ${level} ${path}: ${message}`,
  );
}

const STRICT = [
  PERSON,
  ...[
    'claims: { sourceRepository: https://github.com/acme/app }',
    'claims: { sourceRepository: "https://github.com/acme/**" }',
    'claims: { sourceRepositoryOwner: https://github.com/acme }',
    'claims: { sourceRepositoryIdentifier: "123" }',
    'claims: { sourceRepositoryOwnerIdentifier: "123" }',
    'claims: { githubWorkflowRepository: acme/* }',
    'claimsRegexp: { githubWorkflowRepository: "acme/(app|web)" }',
  ].map((claims) => `keyless: { ${GITHUB}, ${SUBJECT}, ${claims} }`),
];

for (const signer of STRICT) {
  test(`nothing to say: ${signer}`, () => assert.deepEqual(lint(signerDocument(signer)), []));
}

test('issuer: none wants the trust root of an authority whose certificates name none', () => {
  const signer = 'keyless: { issuer: none, subject: a@acme.example }\nlog: none\ntimestamps: 1\nscts: 0';
  const found = lint(signerDocument(signer)).filter((line) => line.includes('issuer none'));
  assert.match(found.join(), /warning signers\.s\.keyless\.issuer: issuer none: .*name the trustRoot/);
  assert.deepEqual(
    lint(signerDocument(`${signer}\ntrustRoot: corporate`)).filter((line) => line.includes('issuer none')),
    [],
  );
});

const OPEN = [
  '',
  ', claims: { runnerEnvironment: github-hosted }',
  ', claims: { sourceRepositoryRef: refs/heads/main, buildSignerURI: "https://github.com/acme/**@*" }',
  ', claims: { sourceRepository: "https://github.com/*/app" }',
  ', claims: { sourceRepository: "https://github.com/acme-*/app" }',
  ', claims: { sourceRepositoryOwner: "https://*.com/acme" }',
  ', claims: { sourceRepositoryOwner: "https://github.com/*" }',
  ', claims: { sourceRepositoryIdentifier: "*" }',
  ', claims: { githubWorkflowRepository: "*/app" }',
  ', claims: { githubWorkflowRepository: "**" }',
  ', claimsRegexp: { githubWorkflowRepository: "[a-z]+/[a-z]+" }',
  ', claimsRegexp: { githubWorkflowRepository: "[^/]+/app" }',
  ', claimsRegexp: { sourceRepository: "https://github.com/[^/]+/app" }',
  ', claimsRegexp: { sourceRepository: "https://github.com/acme.*/app" }',
  ', claimsRegexp: { sourceRepositoryOwnerIdentifier: "[2-9][0-9]+" }',
];

for (const claims of OPEN) {
  for (const issuer of [
    GITHUB,
    `${GITHUB}/enterprise`,
    String.raw`issuerRegexp: 'https://token\.actions\.githubusercontent\.com/x'`,
    'issuer: https://token.actions.acme.ghe.com',
    'issuer: https://github.acme.example/_services/token',
    String.raw`issuerRegexp: 'https://token\.actions\.(acme|corp)\.ghe\.com'`,
  ]) {
    test(`an error: whoever calls the workflow may sign: ${issuer}${claims}`, () => {
      const findings = lint(signerDocument(`keyless: { ${issuer}, ${SUBJECT}${claims} }`));
      assert.equal(findings.length, 1);
      assert.match(
        findings[0] ?? '',
        /^6 error signers\.s\.keyless: signer s names no source repository or owner/,
      );
    });
  }
}

test('every road in of an identity is listed, at its line', () => {
  const signer = `keyless:
  ${GITHUB}
  unsafeAnySubject: true
  unsafeAnyCaller: true
log: none
scts: 0
unsafeNoTime: true`;
  assert.deepEqual(lint(signerDocument(signer)), [
    '8 road-in signers.s.keyless.unsafeAnySubject: signer s: unsafeAnySubject, so whoever the issuer knows may sign',
    '9 road-in signers.s.keyless.unsafeAnyCaller: signer s: unsafeAnyCaller, so whoever calls the workflow, from any repository, may sign',
    '10 road-in signers.s.log: signer s: log: none, so a signature counts that no transparency log shows',
    '11 road-in signers.s.scts: signer s: scts: 0, so a certificate counts that no certificate log shows',
    '12 road-in signers.s.unsafeNoTime: signer s: unsafeNoTime, so nothing proves that the certificate was valid when it signed',
  ]);
});

for (const [written, key, effect] of [
  ["issuer: https://i.example, subjectRegexp: '.*'", 'subjectRegexp', 'whoever the issuer knows may sign'],
  ["issuer: https://i.example, subjectRegexp: '(?s:.)+'", 'subjectRegexp', 'whoever the issuer knows'],
  [`issuer: https://i.example, subjectRegexp: '[^@]+@[^@]+'`, 'subjectRegexp', 'whoever the issuer knows'],
  ["issuer: https://i.example, subjectRegexp: 'https://.*'", 'subjectRegexp', 'whoever the issuer knows'],
  [
    'issuer: https://i.example, subject: "https://*.*/**@refs/heads/*"',
    'subject',
    'whoever the issuer knows',
  ],
  ["issuerRegexp: 'https://[^/]+', subject: a@acme.example", 'issuerRegexp', 'any issuer that the authority'],
] as const) {
  test(`a road in, whatever it is called: ${written}`, () => {
    const findings = lint(signerDocument(`keyless: { ${written} }`));
    const roads = findings.filter((text) => text.includes('road-in'));
    assert.equal(roads.length, 1, findings.join('\n'));
    assert.match(roads[0] ?? '', new RegExp(`road-in signers\\.s\\.keyless\\.${key}: signer s: .*${effect}`));
  });
}

test('whoever an owner lets sign is no road in', () => {
  const claims = 'claims: { sourceRepositoryOwner: https://github.com/acme }';
  const findings = lint(signerDocument(`keyless: { ${GITHUB}, subjectRegexp: 'https://.*', ${claims} }`));
  assert.ok(!findings.some((text) => text.includes('road-in')), findings.join('\n'));
});

test('keys demand no log, and that is no road in', () => {
  assert.deepEqual(lint(signerDocument('key: { file: a.pub }\nlog: none')), []);
});

for (const subject of ['"*@acme.example"', 'ci.acme.example']) {
  test(`a subject by GitHub that is no URI never matches: ${subject}`, () => {
    const claims = 'claims: { sourceRepositoryOwner: https://github.com/acme }';
    assert.match(
      lint(signerDocument(`keyless: { ${GITHUB}, subject: ${subject}, ${claims} }`)).join('\n'),
      /^6 warning signers\.s\.keyless\.subject: signer s never matches: subjects by GitHub are URIs such as https:/,
    );
  });
}

test('a subject by GitHub without its ref never matches', () => {
  const claims = 'claims: { sourceRepositoryOwner: https://github.com/acme }';
  const findings = lint(
    signerDocument(`keyless: { ${GITHUB}, subject: "https://github.com/acme/**", ${claims} }`),
  );
  assert.match(
    findings.join('\n'),
    /^6 warning signers\.s\.keyless\.subject: signer s never matches: .* @ and a ref/,
  );
});

for (const [claim, form] of [
  ['sourceRepository: acme/app', 'sourceRepositoryURI as https://github.com/OWNER/NAME, found "acme/app"'],
  ['sourceRepositoryOwner: acme', 'sourceRepositoryOwnerURI as https://github.com/OWNER, found "acme"'],
  [
    'githubWorkflowRepository: https://github.com/acme/app',
    'githubWorkflowRepository as OWNER/NAME, found "https://github.com/acme/app"',
  ],
  [
    'sourceRepositoryIdentifier: "1", sourceRepositoryRef: main',
    'sourceRepositoryRef as refs/heads/BRANCH or refs/tags/TAG, found "main"',
  ],
] as const) {
  test(`a claim by GitHub in the form of another never matches: ${claim}`, () => {
    assert.deepEqual(lint(signerDocument(`keyless: { ${GITHUB}, ${SUBJECT}, claims: { ${claim} } }`)), [
      `6 warning signers.s.keyless.claims: signer s never matches: GitHub writes ${form}`,
    ]);
  });
}

for (const issuer of [
  'https://token.actions.githubusercontent.com/',
  'token.actions.githubusercontent.com',
  'http://token.actions.githubusercontent.com',
]) {
  test(`an issuer that only looks like that of GitHub never matches: ${issuer}`, () => {
    const claims = 'claims: { sourceRepository: https://github.com/acme/app }';
    assert.deepEqual(lint(signerDocument(`keyless: { issuer: "${issuer}", ${SUBJECT}, ${claims} }`)), [
      `6 warning signers.s.keyless.issuer: signer s never matches: the issuer of GitHub Actions is https://token.actions.githubusercontent.com, found "${issuer}"`,
    ]);
  });
}

for (const [regexp, isOpen] of [
  ['.*@acme\\.example', true],
  ['^.+@acme\\.example', true],
  ['https://github\\.com/acme/.*', true],
  ['https://github\\.com/acme/.*$', true],
  ['https://github\\.com/acme/(.*)', true],
  ['(?i)(?:.+)@acme\\.example', true],
  ['https://github\\.com/acme/[^/]+', false],
  ['a\\.*', false],
] as const) {
  test(`a regular expression that is ${isOpen ? '' : 'not '}open at an end: ${regexp}`, () => {
    const findings = lint(
      signerDocument(`keyless: { issuer: https://i.example, subjectRegexp: '${regexp}' }`),
    );
    assert.equal(findings.length, isOpen ? 1 : 0);
    if (isOpen)
      assert.match(findings[0] ?? '', /warning signers\.s\.keyless\.subjectRegexp: .*open at an end/);
  });
}

for (const [regexp, isOpen] of [
  ['https://.*\\.acme\\.example', true],
  ['https://.+\\.acme\\.example/ci', true],
  ['https://a.*/ci', true],
  ['https://[^/]+\\.acme\\.example', false],
  ['https://ci\\.acme\\.example/.*/x', false],
] as const) {
  test(`a regular expression that is ${isOpen ? '' : 'not '}open in its host: ${regexp}`, () => {
    const findings = lint(
      signerDocument(`keyless: { issuerRegexp: '${regexp}', subject: a@acme.example }`),
    ).filter((one) => one.includes('warning'));
    assert.equal(findings.length, isOpen ? 1 : 0);
    if (isOpen)
      assert.match(findings[0] ?? '', /issuerRegexp is open in its host .* the host may be another/);
  });
}

const GITLAB = 'issuer: https://gitlab.com';
for (const [keyless, everybody] of [
  [`${GITLAB}, subject: "https://gitlab.com/**@refs/heads/main"`, 'every account of gitlab.com'],
  [
    `${GITLAB}, subject: "https://gitlab.com/*/app//.gitlab-ci.yml@refs/heads/main"`,
    'every account of gitlab.com',
  ],
  [
    `${GITLAB}, subject: "https://gitlab.com/acme-*/app//.gitlab-ci.yml@refs/heads/main"`,
    'every account of gitlab.com',
  ],
  [
    `${GITLAB}, subjectRegexp: 'https://gitlab\\.com/[^/]+/app//\\.gitlab-ci\\.yml@refs/heads/main'`,
    'every account of gitlab.com',
  ],
  [
    `${GITHUB}, subject: "https://github.com/**@refs/heads/main", unsafeAnyCaller: true`,
    'every account of github.com',
  ],
  ['issuer: https://accounts.google.com, subject: "*@gmail.com"', 'every mail box of gmail.com'],
  ['issuer: https://accounts.google.com, subject: "*@*.com"', 'every domain *.com'],
  ['issuer: https://i.example, subject: "https://*.example/ci"', 'every host *.example'],
  [`${GITLAB}, subject: "https://gitlab.com/acme/**@refs/heads/main"`, undefined],
  [
    `${GITLAB}, subject: "https://gitlab.com/*/*//.gitlab-ci.yml@refs/heads/main", claims: { sourceRepositoryOwner: https://gitlab.com/acme }`,
    undefined,
  ],
  [
    `${GITLAB}, subjectRegexp: 'https://gitlab\\.com/(acme|corp)/[^/]+//\\.gitlab-ci\\.yml@refs/heads/main'`,
    undefined,
  ],
  ['issuer: https://accounts.google.com, subject: "acme.release@gmail.com"', undefined],
  ['issuer: https://accounts.google.com, subject: "*@acme.example"', undefined],
  ['issuer: https://accounts.google.com, subject: "*@*.acme.example"', undefined],
  ['issuer: https://ci.acme.example, subject: "https://ci.acme.example/**"', undefined],
] as const) {
  test(`${everybody ?? 'somebody'}: ${keyless}`, () => {
    const findings = lint(signerDocument(`keyless: { ${keyless} }`)).filter((one) =>
      one.includes('takes in'),
    );
    assert.equal(findings.length, everybody === undefined ? 0 : 1);
    if (everybody !== undefined) {
      assert.match(findings[0] ?? '', /^6 road-in signers\.s\.keyless\.subject(Regexp)?: signer s: /);
      assert.ok(findings[0]?.includes(` takes in ${everybody}, and no claim names an owner`));
    }
  });
}

test('two signers with one identity', () => {
  const text = signerDocument(PERSON)
    .replace(
      'rules:',
      `  t: { ${PERSON.replace('issuer: https://i.example, subject: a@acme.example', 'subject: a@acme.example, issuer: https://i.example')} }\nrules:`,
    )
    .replace('require: s', 'require: { any: [s, t] }');
  assert.deepEqual(lint(text), [
    '7 warning signers.t: signer t has the same identity as s: one signature counts for one of them, so together they cannot satisfy atLeast',
  ]);
});

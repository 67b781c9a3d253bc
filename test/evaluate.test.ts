// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { evaluate, mutate, validate } from '../src/evaluate.ts';
import { LIMITS } from '../src/limits.ts';
import {
  createTestKey,
  signBundle,
  signLegacy,
  startTestRegistry,
  type TestRegistry,
} from '../src/testing/index.ts';
import { deploymentReview, podReview } from './support/reviews.ts';
import { call, type TestWorld, testWorld } from './support/world.ts';

const KEYS = {
  release: createTestKey('ecdsa-p256'),
  security: createTestKey('ecdsa-p384'),
  quality: createTestKey('ed25519'),
  stranger: createTestKey('ecdsa-p256'),
};
const NOON = Date.UTC(2026, 10, 22, 12);

describe('evaluate', () => {
  let registry: TestRegistry;
  let world: TestWorld;
  let count = 0;

  before(async () => {
    registry = await startTestRegistry();
  });
  after(() => registry.close());
  beforeEach(async () => {
    await registry.start().catch(() => {});
    registry.clearFaults();
    registry.clearRequests();
  });
  afterEach(() => world?.close());

  const HOST = () => registry.host;
  const policy = (rules: string, more = '') => `
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: test${more === '' ? '' : '-more'} }
signers:
  release: { key: { file: release.pub } }
  security: { key: { file: security.pub } }
  quality: { key: { file: quality.pub } }
  alias: { key: { file: release.pub } }
rules:
${rules}
${more}`;
  const start = (...policies: string[]) => {
    const files = Object.fromEntries(
      Object.entries(KEYS).map(([name, key]) => [`${name}.pub`, key.publicKeyPem]),
    );
    world = testWorld({ policies, files, now: NOON });
    return world;
  };
  const push = (repository = 'acme/web', tag = `t${++count}`) =>
    registry.pushImage(repository, { tag, content: `content ${++count}` });
  const judge = async (image: string, subject: 'pod' | 'template' = 'pod') => {
    const review = subject === 'pod' ? podReview([image]) : deploymentReview(image);
    const { report, answer } = await validate(review, world.deps, call());
    const [judged] = report.images;
    assert.ok(judged);
    assert.equal(answer.response.allowed, report.allowed);
    return { ...judged, allowed: answer.response.allowed };
  };

  test('a signed digest is admitted, and the same function says so to the command line', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const image = push();
    signLegacy(registry, image, KEYS.release);
    assert.equal((await judge(image.pinned)).code, 'VERIFIED');
    const question = {
      images: [{ image: image.reference, uses: [] }],
      scope: {},
      subject: 'none',
      modes: 'enforced',
      checkPins: false,
    } as const;
    const report = await evaluate(question, world.deps, call());
    assert.equal(report.allowed, true);
    assert.equal(report.images[0]?.digest, image.digest);
  });

  test('mutate pins the Pod, and what it pinned is admitted', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const image = push();
    signBundle(registry, image, KEYS.release);
    const { pins } = await mutate(podReview([image.reference]), world.deps, call());
    const pin = pins[0]?.pin;
    assert.equal(pin, `${image.reference}@${image.digest}`);
    assert.equal((await judge(pin)).allowed, true);
  });

  test('a Pod by tag is denied NOT_PINNED where mutate did not run, a template by tag is not', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const image = push();
    signLegacy(registry, image, KEYS.release);
    const pod = await judge(image.reference);
    assert.deepEqual([pod.allowed, pod.code], [false, 'NOT_PINNED']);
    assert.match(pod.message, new RegExp(image.digest));
    assert.equal((await judge(image.reference, 'template')).allowed, true);
  });

  for (const [name, rule, pinsPod, pinsTemplate] of [
    ['by default, Pods', 'require: release', true, false],
    ['pin: all, templates too', 'require: release, pin: all', true, true],
    ['unsafePin: never, nothing', 'require: release, unsafePin: never', false, false],
    ['mode: audit, nothing', 'require: release, mode: audit', false, false],
    ['mode: warn, Pods', 'require: release, mode: warn', true, false],
    ['tags: forbid, nothing', 'require: release, tags: forbid', false, false],
    ['allow, nothing', 'allow: { reason: reviewed, until: never }', false, false],
  ] as const) {
    test(`what mutate pins: ${name}`, async () => {
      start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], ${rule} }`));
      const image = push();
      const pod = await mutate(podReview([image.reference]), world.deps, call());
      const template = await mutate(deploymentReview(image.reference), world.deps, call());
      assert.equal(pod.pins[0]?.pin !== undefined, pinsPod);
      assert.equal(template.pins[0]?.pin !== undefined, pinsTemplate);
      assert.equal(pod.answer.response.allowed, true);
    });
  }

  test('tags: forbid wants a digest in what was written', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release, tags: forbid }`));
    const image = push();
    signLegacy(registry, image, KEYS.release);
    assert.equal((await judge(image.reference, 'template')).code, 'TAG_FORBIDDEN');
    assert.equal(registry.requests.length, 0);
    assert.equal((await judge(image.pinned)).code, 'VERIFIED');
  });

  test('an exemption causes no request, and ends with its last second', async () => {
    start(
      policy(
        `  - { name: vendor, images: ["${HOST()}/vendor/redis"], allow: { reason: reviewed, until: 2026-11-22 } }`,
      ),
    );
    const image = push('vendor/redis');
    assert.deepEqual([(await judge(image.reference)).code, registry.requests.length], ['EXEMPT', 0]);
    world.setNow(Date.UTC(2026, 10, 22, 23, 59, 59, 999));
    assert.equal((await judge(image.reference)).code, 'EXEMPT');
    world.setNow(Date.UTC(2026, 10, 23));
    const expired = await judge(image.reference);
    assert.deepEqual([expired.allowed, expired.code], [false, 'EXEMPTION_EXPIRED']);
  });

  test('a rule that names a tag holds for tag and digest only if the tag gives the digest', async () => {
    start(
      policy(
        `  - { name: redis, images: ["${HOST()}/vendor/redis:7"], allow: { reason: reviewed, until: never } }`,
      ),
    );
    const image = push('vendor/redis', '7');
    const other = push('vendor/redis', '8');
    const reference = (digest: string) => `${HOST()}/vendor/redis:7@${digest}`;
    assert.equal((await judge(reference(image.digest))).code, 'EXEMPT');
    const claimed = await judge(reference(other.digest));
    assert.deepEqual([claimed.allowed, claimed.code], [false, 'TAG_DIGEST_MISMATCH']);
    assert.equal((await judge(`${HOST()}/vendor/redis@${image.digest}`)).code, 'NO_RULE');
  });

  describe('a claim about a tag picks no laxer mode', () => {
    const rows = [
      [
        'a rule in audit mode, chosen by a tag',
        'images: ["HOST/acme/app:dev-*"], require: release, mode: audit',
        'images: ["HOST/acme/**"], require: release',
      ],
      [
        'an except that names a tag',
        'images: ["HOST/acme/**"], except: ["HOST/acme/app:dev-*"], require: release, mode: enforce',
        'images: ["**"], require: release, mode: audit',
      ],
      [
        'an except, and no other rule',
        'images: ["HOST/acme/**"], except: ["HOST/acme/app:dev-*"], require: release, mode: enforce',
        'images: ["HOST/other/**"], require: release',
      ],
    ] as const;
    const audited = 'modes: [{ namespaces: [prod], mode: audit }]';
    const inOne = (rules: readonly string[], modes: string) => start(policy(rules.join('\n'), modes));
    const inTwo = ([first = '', second = '']: readonly string[], modes: string) =>
      start(policy(first, modes), policy(second, '\n'));
    for (const [name, first, second] of rows) {
      for (const begin of [inOne, inTwo]) {
        test(`${name}, ${begin === inOne ? 'in one document' : 'in two documents'}`, async () => {
          const rules = [first, second].map(
            (rule, index) => `  - { name: r${index}, ${rule.replaceAll('HOST', HOST())} }`,
          );
          begin(rules, name.endsWith('no other rule') ? audited : '');
          const unsigned = push('acme/app', 'dev-1');
          registry.pushImage('acme/app', { tag: 'dev-1', content: 'moved on' });
          for (const tag of ['dev-1', 'dev-never-was']) {
            const judged = await judge(`${HOST()}/acme/app:${tag}@${unsigned.digest}`);
            assert.equal(judged.allowed, false, `${tag}: ${judged.code} in mode ${judged.mode}`);
          }
        });
      }
    }

    const RULES = {
      devLabelled:
        'images: ["HOST/acme/app:dev-*"], namespaceLabels: { team: a }, require: release, mode: audit',
      dev: 'images: ["HOST/acme/app:dev-*"], require: release, mode: audit',
      devExpired: 'images: ["HOST/acme/app:dev-*"], allow: { reason: old, until: 2020-01-01 }, mode: audit',
      notDev: 'images: ["HOST/acme/**"], except: ["HOST/acme/app:dev-*"], require: release, mode: enforce',
      labelled: 'images: ["**"], namespaceLabels: { team: a }, require: release, mode: audit',
      rest: 'images: ["HOST/acme/**"], require: release',
      anything: 'images: ["**"], require: release, mode: audit',
    } as const;
    const undecidable: readonly (readonly (keyof typeof RULES)[])[] = [
      ['devLabelled', 'dev', 'rest'],
      ['notDev', 'labelled', 'anything'],
      ['devExpired', 'rest'],
    ];
    const written = (name: keyof typeof RULES) =>
      `  - { name: ${name}, ${RULES[name].replaceAll('HOST', HOST())} }`;
    const refuses = async () => {
      const unsigned = push('acme/app', 'dev-1');
      registry.pushImage('acme/app', { tag: 'dev-1', content: 'moved on' });
      for (const tag of ['dev-1', 'dev-never-was']) {
        const judged = await judge(`${HOST()}/acme/app:${tag}@${unsigned.digest}`);
        assert.equal(judged.allowed, false, `${tag}: ${judged.code} in mode ${judged.mode}`);
      }
    };
    for (const names of undecidable) {
      test(`nor into ${names.join(', ')}`, async () => {
        start(policy(names.map(written).join('\n')));
        await refuses();
      });
    }

    test('nor past a silent document into an undecided one', async () => {
      start(policy(written('notDev')), policy(written('labelled'), '\n'));
      await refuses();
    });

    test('an exemption that has ended is told in its own mode where the tag is true', async () => {
      start(policy([written('devExpired'), written('rest')].join('\n')));
      const unsigned = push('acme/app', 'dev-3');
      const judged = await judge(`${unsigned.reference}@${unsigned.digest}`);
      assert.deepEqual([judged.allowed, judged.mode, judged.code], [true, 'audit', 'EXEMPTION_EXPIRED']);
    });

    test('a claim that is true is judged in the mode of its rule', async () => {
      start(
        policy(`  - { name: dev, images: ["${HOST()}/acme/app:dev-*"], require: release, mode: audit }
  - { name: rest, images: ["${HOST()}/acme/**"], require: release }`),
      );
      const unsigned = push('acme/app', 'dev-2');
      const judged = await judge(`${unsigned.reference}@${unsigned.digest}`);
      assert.deepEqual([judged.allowed, judged.mode, judged.code], [true, 'audit', 'UNSIGNED']);
    });
  });

  test('what cannot be read is judged in the strictest mode that any rule has for the namespace', async () => {
    start(
      policy(
        `  - { name: acme, images: ["${HOST()}/acme/**"], require: release, mode: enforce }`,
        'modes: [{ namespaces: [prod], mode: audit }]',
      ),
    );
    const image = push();
    const plain = await judge(image.pinned);
    assert.deepEqual([plain.allowed, plain.code], [false, 'UNSIGNED']);
    assert.deepEqual([(await judge('sha256:0123456789ab')).allowed], [false]);
    const review = podReview([image.pinned]);
    Object.assign(review.request.object, {
      spec: {
        containers: [{ name: 'c', image: image.pinned }],
        volumes: [{ name: 'v', image: { reference: ' x' } }],
      },
    });
    const { answer } = await validate(review, world.deps, call());
    assert.equal(answer.response.allowed, false);
  });

  test('tags: forbid in an audit document does not keep mutate from pinning for another', async () => {
    start(
      policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`),
      policy(
        `  - { name: soft, images: ["${HOST()}/acme/**"], require: release, tags: forbid, mode: audit }`,
        '\n',
      ),
    );
    const image = push();
    signLegacy(registry, image, KEYS.release);
    const { pins } = await mutate(podReview([image.reference]), world.deps, call());
    assert.equal((await judge(pins[0]?.pin ?? '')).allowed, true);
  });

  test('2 of 3: two keys pass; one key twice, and one key under two names, do not', async () => {
    start(
      policy(
        `  - { name: acme, images: ["${HOST()}/acme/**"], require: { atLeast: 2, of: [release, alias, security] } }`,
      ),
    );
    const [twice, both] = [push(), push()];
    signLegacy(registry, twice, KEYS.release);
    signBundle(registry, twice, KEYS.release);
    assert.equal((await judge(twice.pinned)).code, 'THRESHOLD_NOT_MET');
    signLegacy(registry, both, KEYS.release);
    signBundle(registry, both, KEYS.security);
    assert.equal((await judge(both.pinned)).code, 'VERIFIED');
  });

  test('documents compose by and: each must be satisfied, each in its own mode', async () => {
    start(
      policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`),
      policy(`  - { name: two, images: ["${HOST()}/acme/**"], require: security, mode: warn }`, '\n'),
    );
    const image = push();
    signLegacy(registry, image, KEYS.release);
    const judged = await judge(image.pinned);
    assert.deepEqual([judged.allowed, judged.verdict, judged.mode], [true, 'rejected', 'warn']);
    assert.deepEqual(
      judged.policies.map((one) => [one.rule, one.verdict, one.mode]),
      [
        ['acme', 'verified', 'enforce'],
        ['two', 'rejected', 'warn'],
      ],
    );
  });

  test('modes: what is not verified is let in with a warning, or in silence', async () => {
    start(
      policy(
        `  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`,
        'modes: [{ namespaces: ["dev-*"], mode: audit }, { namespaces: [soft], mode: warn }]',
      ),
    );
    const image = push();
    const inNamespace = (namespace: string, reference: string) =>
      validate(podReview([reference], { namespace }), world.deps, call());
    for (const reference of [
      image.pinned,
      'bad image reference',
      `elsewhere.example/no/rule@${image.digest}`,
    ]) {
      const enforced = await inNamespace('prod', reference);
      const warned = await inNamespace('soft', reference);
      const audited = await inNamespace('dev-1', reference);
      assert.equal(enforced.answer.response.allowed, false);
      assert.equal(warned.answer.response.allowed, true);
      assert.equal(warned.answer.response.warnings?.length, 1);
      assert.equal(audited.answer.response.allowed, true);
      assert.equal(audited.answer.response.warnings, undefined);
      assert.equal(
        audited.answer.response.auditAnnotations?.code,
        enforced.answer.response.auditAnnotations?.code,
      );
    }
  });

  test('what is signed after a denial is admitted within seconds, though facts are remembered', async (context) => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const image = push();
    signLegacy(registry, image, KEYS.stranger);
    assert.equal((await judge(image.pinned)).code, 'SIGNATURE_INVALID');
    signLegacy(registry, image, KEYS.release);
    const later = performance.now() + LIMITS.recheckMs + 1;
    context.mock.method(performance, 'now', () => later);
    assert.equal((await judge(image.pinned)).code, 'VERIFIED');
  });

  test('a policy change holds for facts that are remembered', async () => {
    const image = push();
    signLegacy(registry, image, KEYS.release);
    const first = start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    assert.equal((await judge(image.pinned)).code, 'VERIFIED');
    first.setPolicies([policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: security }`)]);
    assert.equal((await judge(image.pinned)).code, 'SIGNATURE_INVALID');
  });

  test('a key window ends for an outcome that is remembered', async () => {
    start(`
apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: window }
signers: { release: { key: { file: release.pub, notAfter: 2026-11-22T12:00:01Z } } }
rules: [{ name: acme, images: ["${HOST()}/acme/**"], require: release }]
`);
    const image = push();
    signLegacy(registry, image, KEYS.release);
    assert.equal((await judge(image.pinned)).code, 'VERIFIED');
    world.setNow(NOON + 1000);
    assert.equal((await judge(image.pinned)).code, 'VERIFIED');
    world.setNow(NOON + 1001);
    assert.equal((await judge(image.pinned)).code, 'KEY_EXPIRED');
  });

  test('the registry down: a known digest is admitted, an unknown one is inconclusive', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const [known, unknown] = [push(), push()];
    for (const image of [known, unknown]) signLegacy(registry, image, KEYS.release);
    assert.equal((await judge(known.pinned)).allowed, true);
    await registry.stop();
    assert.equal((await judge(known.pinned)).allowed, true);
    const judged = await judge(unknown.pinned);
    assert.deepEqual([judged.allowed, judged.verdict], [false, 'inconclusive']);
  });

  test('one store down: what verifies from the other satisfies, what is missing is inconclusive', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const [signed, unsigned] = [push(), push()];
    signLegacy(registry, signed, KEYS.release);
    registry.fault({ kind: 'status', status: 503, match: { kind: 'referrers' } });
    assert.equal((await judge(signed.pinned)).verdict, 'verified');
    const judged = await judge(unsigned.pinned);
    assert.deepEqual(
      [judged.allowed, judged.verdict, judged.code],
      [false, 'inconclusive', 'REGISTRY_ERROR'],
    );
  });

  test('past the deadline the answer is there, and it is no', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    registry.fault({ kind: 'hang' });
    const image = push();
    const began = performance.now();
    const { answer, report } = await validate(podReview([image.pinned]), world.deps, call(300));
    assert.ok(performance.now() - began < 9_000);
    assert.deepEqual([answer.response.allowed, report.images[0]?.code], [false, 'DEADLINE_EXCEEDED']);
  });

  test('each image of a Pod is judged, once per distinct string', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const [good, bad] = [push(), push()];
    signLegacy(registry, good, KEYS.release);
    const { report } = await validate(podReview([good.pinned, bad.pinned, good.pinned]), world.deps, call());
    assert.deepEqual(
      report.images.map((one) => [one.code, one.uses.length]),
      [
        ['VERIFIED', 2],
        ['UNSIGNED', 1],
      ],
    );
    assert.equal(report.allowed, false);
  });

  test('a question without images is an error, not a yes', async () => {
    start(policy(`  - { name: acme, images: ["${HOST()}/acme/**"], require: release }`));
    const question = { images: [], scope: {}, subject: 'none', checkPins: false } as const;
    await assert.rejects(evaluate(question, world.deps, call()), { code: 'USAGE' });
  });

  test('no policy at all admits nothing', async () => {
    start();
    assert.equal((await judge(push().pinned)).code, 'NO_RULE');
  });
});

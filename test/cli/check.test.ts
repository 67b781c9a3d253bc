// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Report } from '../../src/index.ts';
import { type AcmeStage, startAcme } from '../support/acme.ts';
import { type Folder, folderOf, runCommand } from '../support/command.ts';
import { podReview } from '../support/reviews.ts';

describe('countersign check', () => {
  let stage: AcmeStage;
  let folders: Folder[] = [];
  before(async () => {
    stage = await startAcme();
  });
  after(async () => {
    for (const folder of folders) folder.close();
    folders = [];
    await stage.close();
  });
  const filesOf = (files: Record<string, string>) => {
    const folder = folderOf(files);
    folders.push(folder);
    return folder;
  };
  const check = (args: readonly string[], stdin = '') =>
    runCommand(['check', '--policy', stage.folder.path('policy.yaml'), ...args], { stdin });
  const checkJson = async (args: readonly string[], stdin = '') => {
    const { exit, stdout, stderr } = await check([...args, '--output', 'json'], stdin);
    assert.equal(stderr.replaceAll(/^countersign: not judged: .*\n/gm, ''), '');
    return { exit, report: JSON.parse(stdout) as Report };
  };
  const pod = (name: string, image: string, metadata = '') =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}${metadata} }\nspec: { containers: [{ name: main, image: "${image}" }] }\n`;

  test('every image of a Deployment, with the object that uses it', async () => {
    const { exit, stdout, stderr } = await check([stage.folder.path('deploy.yaml')]);
    assert.deepEqual([exit, stderr], [1, '']);
    assert.match(stdout, /used by {6}.*deploy\.yaml: Deployment\/web: container web\n {2}verified/);
    assert.match(stdout, /Deployment\/web: init container migrate\n {2}rejected {5}UNSIGNED/);
  });

  test('a Pod by tag is pinned first, as the cluster would, and told as it was written', async () => {
    const { web } = stage.images;
    const { exit, report } = await checkJson(['-'], pod('web', web.reference));
    assert.equal(exit, 0);
    const [image] = report.images;
    assert.deepEqual([image?.image, image?.digest, image?.code], [web.reference, web.digest, 'VERIFIED']);
    const path = '/spec/containers/0/image';
    assert.deepEqual(image?.uses, [{ object: '-: Pod/web', container: 'main', kind: 'container', path }]);
  });

  test('several documents, Lists, comments and empty documents, from standard input', async () => {
    const { web, api, batch } = stage.images;
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [podObject('b', api.reference), podObject('c', batch.reference)],
    };
    const text = `# rendered\n---\n${pod('a', web.reference)}---\n---\n${JSON.stringify(list)}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n`;
    const { exit, report } = await checkJson(['-'], text);
    assert.equal(exit, 1);
    assert.deepEqual(
      report.images.map(({ image, code }) => [image, code]),
      [
        [web.reference, 'VERIFIED'],
        [api.reference, 'VERIFIED'],
        [batch.reference, 'UNSIGNED'],
      ],
    );
  });

  test('a merge key brings in the image that kubectl would see', async () => {
    const { batch } = stage.images;
    const merged = `apiVersion: v1
kind: Pod
metadata: { name: merged }
spec: { containers: [{ name: main, <<: { image: "${batch.pinned}" } }] }
`;
    const { exit, report } = await checkJson(['-'], merged);
    assert.deepEqual([exit, report.images[0]?.code], [1, 'UNSIGNED']);
  });

  test('a tag of YAML that kubectl may read as something else: 2', async () => {
    const { exit, stderr } = await check(['-'], pod('tagged', 'x').replace('"x"', '!odd x'));
    assert.equal(exit, 2);
    assert.match(stderr, /MANIFEST_INVALID/);
  });

  test('an AdmissionReview stands for itself', async () => {
    const review = podReview([stage.images.api.reference], { namespace: 'shop' });
    const { exit, report } = await checkJson(['-'], JSON.stringify(review));
    assert.deepEqual([exit, report.images[0]?.code], [0, 'VERIFIED']);
    const deletion = { ...review, request: { ...review.request, operation: 'DELETE' } };
    assert.deepEqual((await checkJson(['-'], JSON.stringify(deletion))).report.images, []);
  });

  test('an AdmissionReview that is none: 2', async () => {
    const { exit, stdout, stderr } = await check(
      ['-'],
      '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
    );
    assert.deepEqual([exit, stdout], [2, '']);
    assert.match(stderr, /\[REVIEW_MALFORMED\]/);
  });

  test('folders are read deep: YAML and JSON, nothing else', async () => {
    const { web, batch } = stage.images;
    const folder = filesOf({
      'a.yaml': pod('a', web.reference),
      'deep/er/b.yml': pod('b', web.reference),
      'deep/c.json': JSON.stringify(podObject('c', web.reference)),
      'notes.txt': 'no manifest',
      'chart.tpl': pod('d', batch.reference),
    });
    const { exit, report } = await checkJson([folder.path('.')]);
    assert.deepEqual([exit, report.images.length], [0, 3]);
  });

  test('the namespace is the object’s own, else --namespace; what the mode lets in is 0', async () => {
    const { batch } = stage.images;
    assert.equal((await check(['-'], pod('a', batch.reference))).exit, 1);
    const warned = await check(['--namespace', 'dev-1', '-'], pod('a', batch.reference));
    assert.equal(warned.exit, 0);
    assert.match(warned.stdout, /rejected {5}UNSIGNED, .*\(let in all the same: mode warn\)/);
    const own = pod('a', batch.reference, ', namespace: shop');
    assert.equal((await check(['--namespace', 'dev-1', '-'], own)).exit, 1);
  });

  test('labels of the Namespace: from its object, from --namespace-labels, else inconclusive: 3', async () => {
    const { host } = stage.registry;
    const policy = filesOf({
      'policy.yaml': `apiVersion: countersign.dev/v1
kind: TrustPolicy
metadata: { name: labels }
rules:
  - name: open
    images: ["${host}/**"]
    namespaceLabels: { tier: open }
    allow: { reason: test, until: never }
`,
    }).path('policy.yaml');
    const run = (args: readonly string[], stdin: string) =>
      runCommand(['check', '--policy', policy, ...args, '-'], { stdin });
    const object = pod('a', stage.images.batch.reference, ', namespace: shop');
    const namespace = (tier: string) =>
      `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { tier: ${tier} } }\n`;
    const unknown = await run([], object);
    assert.equal(unknown.exit, 3);
    assert.match(unknown.stdout, /NAMESPACE_LABELS_UNKNOWN/);
    assert.equal((await run(['--namespace-labels', 'tier=open'], object)).exit, 0);
    assert.equal((await run([], object + namespace('open'))).exit, 0);
    const closed = await run(['--namespace-labels', 'tier=open'], object + namespace('closed'));
    assert.equal(closed.exit, 1);
    assert.match(closed.stdout, /NO_RULE/);
  });

  test('objects without images: 0, and said', async () => {
    const { exit, stdout } = await check(['-'], 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n');
    assert.deepEqual([exit, stdout], [0, 'no image to judge\n']);
  });

  test('a Pod that cannot be read is denied, and named', async () => {
    const text = 'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: 7 }\n';
    const { exit, stdout } = await check(['-'], text);
    assert.equal(exit, 1);
    assert.match(stdout, /^-: Pod\/x\n {2}rejected {5}OBJECT_MALFORMED/);
    const { report } = await checkJson(['-'], text);
    assert.deepEqual([report.images[0]?.image, report.images[0]?.object], ['', '-: Pod/x']);
    const empty = await check(['-'], pod('empty', ''));
    assert.match(empty.stdout, /^-: Pod\/empty\n {2}rejected {5}IMAGE_EMPTY/);
  });

  test('objects that are passed over are named on stderr, and count for nothing', async () => {
    const { web } = stage.images;
    const rollout = 'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: web }\n';
    const job = 'apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nmetadata: { generateName: run- }\n';
    const { exit, stdout, stderr } = await check(
      ['-'],
      [rollout, job, pod('a', web.reference)].join('---\n'),
    );
    assert.equal(exit, 0);
    assert.match(stdout, /^127\.0\.0\.1:\d+\/web:1\.4\n/);
    assert.deepEqual(stderr.split('\n'), [
      'countersign: not judged: -: argoproj.io/v1alpha1 Rollout/web: not a built-in kind that holds Pods',
      'countersign: not judged: -: batch.volcano.sh/v1alpha1 Job/run-: not a built-in kind that holds Pods (did you mean batch/v1 Job?)',
      '',
    ]);
  });

  test('of many objects that are passed over, 20 are named', async () => {
    const many = Array.from(
      { length: 23 },
      (_, at) => `apiVersion: v1\nkind: Node\nmetadata: { name: n${at} }\n`,
    );
    const { exit, stderr } = await check(['-'], many.join('---\n'));
    assert.equal(exit, 0);
    assert.match(stderr, /v1 Node\/n19: .*\ncountersign: not judged: and 3 more\n$/);
  });

  for (const [apiVersion, kind, meant] of [
    ['apps/v1', 'Deploymnt', 'apps/v1 Deployment'],
    ['apps/v1', 'Pod', 'v1 Pod'],
    ['v1', 'Deployment', 'apps/v1 Deployment'],
    ['v1', 'pods', 'v1 Pod'],
    ['app/v1', 'StatefulSet', 'apps/v1 StatefulSet'],
    ['batch/v1', 'CornJob', 'batch/v1 CronJob'],
  ] as const) {
    test(`${apiVersion} ${kind}, which no API server has: 2`, async () => {
      const text = pod('a', stage.images.web.reference);
      const { exit, stdout, stderr } = await check(
        ['-'],
        text.replace('apiVersion: v1', `apiVersion: ${apiVersion}`).replace('kind: Pod', `kind: ${kind}`),
      );
      assert.deepEqual([exit, stdout], [2, '']);
      assert.equal(
        stderr,
        `countersign: -:1: ${apiVersion} has no kind ${kind}: did you mean ${meant}? [MANIFEST_INVALID]\n`,
      );
    });
  }

  test('everything that is no Kubernetes object is told at once, with its place: 2', async () => {
    const folder = filesOf({
      'a.yaml': pod('a', stage.images.web.reference),
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'values.yaml': `${pod('b', 'x')}---\nimage: x\n`,
    });
    const { exit, stdout, stderr } = await check([folder.path('.')]);
    assert.deepEqual([exit, stdout], [2, '']);
    const [heading, first, second, hint] = stderr.split('\n');
    assert.equal(heading, 'countersign: 2 files have 2 errors [MANIFEST_INVALID]');
    assert.match(first ?? '', /kustomization\.yaml:1: found a mapping without apiVersion and kind, wanted/);
    assert.match(second ?? '', /values\.yaml:6: found a mapping without apiVersion and kind, wanted/);
    assert.match(hint ?? '', /kubectl kustomize DIR\) \| countersign check - --policy FILE$/);
  });

  test('one deadline for all objects, and for both questions about each: 3', async () => {
    const { registry, folder } = stage;
    const slow = createServer(() => {}).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const { port } = slow.address() as AddressInfo;
    const policy = filesOf({
      'policy.yaml': readFileSync(folder.path('policy.yaml'), 'utf8').replaceAll(
        registry.host,
        `127.0.0.1:${port}`,
      ),
      'cosign.pub': readFileSync(folder.path('cosign.pub'), 'utf8'),
    });
    const args = ['check', '--policy', policy.path('policy.yaml'), '--timeout', '4s', '-'];
    const pods = [pod('a', `127.0.0.1:${port}/a:1`), pod('b', `127.0.0.1:${port}/b:1`)].join('---\n');
    const start = performance.now();
    try {
      const { exit, stdout } = await runCommand(args, { stdin: pods });
      const took = performance.now() - start;
      assert.equal(exit, 3);
      assert.match(stdout, /DEADLINE_EXCEEDED.*\n.*no answer within 4000 ms/);
      assert.ok(took >= 3_950 && took < 7_900, `took ${took} ms`);
    } finally {
      slow.closeAllConnections();
      slow.close();
    }
  });

  test('an object of the name __proto__ or with odd keys changes nothing', async () => {
    const text = `{"apiVersion":"v1","kind":"Pod","__proto__":{"kind":"ConfigMap"},"metadata":{"name":"__proto__"},"spec":{"containers":[{"name":"x","image":"${stage.images.batch.reference}"}]}}`;
    assert.equal((await check(['-'], text)).exit, 1);
  });

  for (const [name, stdin, expected] of [
    [
      'nothing',
      '',
      /found no Kubernetes object in - \[MANIFEST_INVALID\]\nhint: render it first: helm template/,
    ],
    ['broken YAML', 'a: [', /countersign: -:1: .*\[MANIFEST_INVALID\]/],
    ['no object', 'just text', /found a text, wanted an object with apiVersion and kind/],
    [
      'no kind',
      'apiVersion: v1\n',
      /found a mapping without kind, wanted an object with apiVersion and kind/,
    ],
    ['an unrendered template', 'image: {{ .Values.image }}\n', /MANIFEST_INVALID/],
    [
      'a List without a list',
      'apiVersion: v1\nkind: List\nitems: oops\n',
      /List: found a text as items, wanted a list/,
    ],
    ['a list of texts', 'apiVersion: v1\nkind: List\nitems: [a]\n', /wanted an object/],
  ] as const) {
    test(`${name}: 2, on stderr only`, async () => {
      const { exit, stdout, stderr } = await check(['-'], stdin);
      assert.deepEqual([exit, stdout], [2, '']);
      assert.match(stderr, expected);
    });
  }

  test('a path that is not there, and no path: 2', async () => {
    const gone = await check(['gone']);
    assert.equal(gone.exit, 2);
    assert.match(gone.stderr, /cannot read gone: there is no such file \[FILE_UNREADABLE\]/);
    assert.equal((await check([])).exit, 2);
    assert.match((await runCommand(['check', 'x'])).stderr, /required option '--policy <file>'/);
  });
});

function podObject(name: string, image: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image }] },
  };
}

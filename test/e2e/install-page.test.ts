// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startTestRegistry, type TestRegistry } from '../../src/testing/index.ts';
import { type Block, blocksOf, ROOT } from '../support/pages.ts';
import { pathOf } from '../support/programs.ts';
import { type ControlPlane, skipWithoutKubernetes, startControlPlane } from './cluster/control-plane.ts';
import { type Kubelet, startKubelet } from './cluster/kubelet.ts';
import { openShell, type Shell } from './cluster/shell.ts';

const PAGE = 'docs/how-to/install.md';

/** A command of the page, and what it prints according to the page. */
type Step = { readonly block: Block; readonly prints: string | undefined };

describe(`${PAGE}, word by word`, { skip: skipWithoutKubernetes('cosign') }, () => {
  let cluster: ControlPlane;
  let kubelet: Kubelet;
  let registry: TestRegistry;
  let shell: Shell;
  let values: string;
  /** The reader stops where the page is wrong. */
  let lost = false;

  before(async () => {
    cluster = await startControlPlane();
    kubelet = await startKubelet(cluster);
    registry = await startTestRegistry();
    const folder = join(cluster.folder, 'reader');
    mkdirSync(folder);
    values = join(folder, 'values.yaml');
    shell = openShell(folder, COMMANDS, {
      KUBECONFIG: cluster.kubeconfig('admin'),
      REGISTRY: registry.host,
      CHART: join(ROOT, 'charts/countersign'),
      COSIGN_PASSWORD: '',
    });
    registry.pushImage('shop/web', { tag: '1' });
    registry.pushImage('shop/unsigned', { tag: '1' });
  });
  after(async () => {
    await kubelet?.stop();
    await registry?.close();
    await cluster?.stop();
  });

  /** What the reader does where the test cannot: a docker of our own is an image pushed. */
  const instead: Readonly<Record<string, () => void | Promise<void>>> = {
    async 'sh docker'() {
      const { digest } = registry.pushImage('countersign', { tag: '0.1.0' });
      await shell.run(`export DIGEST=${digest}`);
    },
    'yaml fragment'() {
      appendFileSync(values, `config: { registries: { "${registry.host}": { unsafePlainHttp: true } } }\n`);
    },
    'sh by hand'() {},
  };

  for (const { block, prints } of stepsOf(readFileSync(join(ROOT, PAGE), 'utf8'))) {
    const [command = ''] = block.body.trim().split('\n');
    test(`line ${block.line}: ${block.info}: ${command}`, async () => {
      assert.ok(!lost, 'a step before this one went wrong');
      lost = true;
      await follow(block, prints);
      lost = false;
    });
  }

  async function follow(block: Block, prints: string | undefined): Promise<void> {
    const other = instead[block.info];
    if (other !== undefined) return other();
    const { exitCode, stdout, stderr } = await shell.run(block.body);
    const printed = `${stdout}${stderr}`;
    assert.equal(exitCode === 0, block.info === 'sh cluster', printed);
    for (const line of prints?.trim().split('\n') ?? []) assert.match(printed, patternOf(line));
  }

  test('in the end nothing is left of it that could deny', async () => {
    const { stdout } = await shell.run('kubectl --namespace shop run free --image=example.com/any:1');
    assert.equal(stdout, 'pod/free created\n');
  });
});

/** What stands on the reader's PATH: ours, and a cosign that asks nothing outside this machine. */
const COMMANDS = {
  countersign: `exec '${process.execPath}' '${join(ROOT, 'src/cli/main.ts')}' "$@"`,
  cosign: `cosign='${pathOf('cosign')}'
if [ "$1" != sign ]; then exec "$cosign" "$@"; fi
shift
"$cosign" signing-config create --out .signing.json
"$cosign" trusted-root create --out .trusted.json
exec "$cosign" sign --yes --signing-config .signing.json --trusted-root .trusted.json "$@"`,
};

/** Each command of the page in its order; a block of text belongs to the command above it. */
function stepsOf(page: string): Step[] {
  const blocks = blocksOf(page);
  return blocks.flatMap((block, index) => {
    if (block.info === 'text') return [];
    const next = blocks[index + 1];
    return [{ block, prints: next?.info === 'text' ? next.body : undefined }];
  });
}

/** A line of what is printed, where `…` is anything. */
function patternOf(line: string): RegExp {
  return new RegExp(
    line
      .split('…')
      .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
      .join('.*'),
  );
}

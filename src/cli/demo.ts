// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Admission } from './demo/api-server.ts';
import { WANTED } from './demo/keyless-images.ts';
import { demoPod, NAMESPACE } from './demo/objects.ts';
import type { Scene } from './demo/scene.ts';
import { PARTS } from './demo/scenes.ts';
import { type DemoStage, type Swaps, setStage } from './demo/stage.ts';
import { reviewOf } from './manifest-review.ts';
import type { Terminal } from './terminal.ts';

type DemoOptions = Swaps & { readonly keep?: boolean };

const ANSWERS = PARTS.reduce((sum, { scenes }) => sum + scenes.length, 0);

/**
 * `countersign demo`: a registry, an admission server and real AdmissionReviews over HTTPS, on this machine
 * alone. Each answer is compared with what the story says; exit code 1 when one differs.
 */
export async function demoCommand(options: DemoOptions, terminal: Terminal): Promise<number> {
  const start = performance.now();
  const stage = await setStage(options);
  try {
    terminal.out(
      'A registry and an admission server on this machine; each line is a real AdmissionReview over HTTPS.\n',
    );
    const wrong = await play(stage, terminal);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    terminal.out(
      wrong === 0
        ? `\n${ANSWERS} answers, all as they must be, in ${seconds} s.\n`
        : `\n${wrong} of ${ANSWERS} answers are not as they must be.\n`,
    );
    if (options.keep === true && wrong === 0) await keep(stage, terminal);
    else if (wrong === 0)
      terminal.out('Try it by hand: npm run demo -- --keep (installed: countersign demo --keep)\n');
    return wrong === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

async function play(stage: DemoStage, terminal: Terminal): Promise<number> {
  let wrong = 0;
  for (const { title, scenes } of PARTS) {
    terminal.out(`\n${title}\n`);
    for (const scene of scenes) if (!(await playScene(scene, stage, terminal))) wrong += 1;
  }
  return wrong;
}

async function playScene(scene: Scene, stage: DemoStage, terminal: Terminal): Promise<boolean> {
  await scene.before?.(stage);
  stage.registry.clearRequests();
  const admission = await stage.apiServer.create(scene.create(stage));
  const right = isAsExpected(scene, admission);
  terminal.out(lineOf(scene, admission, stage.registry.requests.length, right));
  return right;
}

function isAsExpected({ expected }: Scene, admission: Admission): boolean {
  const isPinned = admission.image.includes('@sha256:');
  return (
    admission.allowed === expected.allowed &&
    admission.code === expected.code &&
    (expected.pinned === undefined || expected.pinned === isPinned)
  );
}

function lineOf(scene: Scene, admission: Admission, requests: number, right: boolean): string {
  const answer = `${admission.allowed ? 'admitted' : 'denied'} ${admission.code}`;
  const cost = `${admission.milliseconds.toFixed(0).padStart(5)} ms ${String(requests).padStart(3)} registry requests`;
  const line = `${right ? 'ok  ' : 'BAD '}${scene.title.padEnd(50)} ${answer.padEnd(29)}${cost}\n`;
  const why = admission.message === '' ? '' : `      ${reasonOf(admission.message)}\n`;
  const wanted = right
    ? ''
    : `      wanted ${scene.expected.allowed ? 'admitted' : 'denied'} ${scene.expected.code}\n`;
  return line + why + wanted;
}

/** The part between the image and the hint: what was wanted and what was found. */
function reasonOf(message: string): string {
  const at = message.indexOf('wanted');
  return (at < 0 ? message : message.slice(at)).split(' [')[0] ?? '';
}

async function keep(stage: DemoStage, terminal: Terminal): Promise<void> {
  await stage.registry.start();
  const { folder, images, keyless, serverUrl } = stage;
  const review = reviewOf({ object: demoPod('unsigned', images.unsigned.pinned) }, NAMESPACE);
  writeFileSync(join(folder, 'unsigned-pod.json'), JSON.stringify(review, null, 2));
  terminal.out(`
Both keep running until Ctrl-C. In another terminal (installed: countersign for npm run -s countersign --):

  npm run -s countersign -- verify ${images.signed.reference} --key ${join(folder, 'release.pub')}
  npm run -s countersign -- verify ${keyless.build8.reference} --trusted-root ${join(folder, 'trusted_root.json')} \\
    --certificate-oidc-issuer ${WANTED.issuer} --certificate-identity ${WANTED.subject}
  npm run -s countersign -- verify ${keyless.build7.reference} --policy ${join(folder, 'policy.yaml')} --config ${join(folder, 'config.yaml')}
  npm run -s countersign -- verify ${images.unsigned.reference} --policy ${join(folder, 'policy.yaml')}
  npm run -s countersign -- verify ${keyless.fromBranch.reference} --policy ${join(folder, 'policy.yaml')} --config ${join(folder, 'config.yaml')}
  npm run -s countersign -- policy explain ${images.lookAlike.reference} --policy ${join(folder, 'policy.yaml')}
  curl --cacert ${join(folder, 'ca.crt')} -H 'content-type: application/json' \\
    --data @${join(folder, 'unsigned-pod.json')} ${serverUrl}/validate
`);
  await new Promise<void>((resolve) => terminal.onEnd(resolve));
}

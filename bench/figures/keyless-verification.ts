// SPDX-License-Identifier: Apache-2.0
import type { Signer } from '../../src/policy/index.ts';
import { verifyCandidate } from '../../src/verify/index.ts';
import { bareKeyless } from '../baselines/keyless-floor.ts';
import { sigstoreVerify } from '../baselines/sigstore-verify.ts';
import { atLeast, note, type Row } from '../figure.ts';
import {
  floorOf,
  IDENTITY,
  type KeylessMaterial,
  keylessPolicy,
  makeKeylessMaterial,
  trustIn,
} from '../keyless-material.ts';
import { type Comparison, type Contender, compare, rateOf } from '../rounds.ts';
import { startSigstoreGo } from '../sigstore-go.ts';

const ROUNDS = 41;
const WARM_UP_ROUNDS = 20;
const IMAGES = 300;
/** Few a round and many rounds: other work on the machine then slows both contenders down. */
const PER_ROUND = 100;
/** Of what is slower, or the figure would take minutes. */
const OF_SLOWER = 15;

/** The whole verification of a bundle v0.3 by certificate and Rekor v1, beside others and beside bare cryptography. */
export async function keylessVerification(): Promise<Row[]> {
  const material = makeKeylessMaterial(IMAGES, 'v1');
  const go = startSigstoreGo(material);
  try {
    const ours = oursFor(material);
    const js = await race(ours, sigstoreJs(material));
    const floor = await race(ours, floorFor(material));
    const rows = [
      atLeast(
        'keyless bundle v0.3 : @sigstore/verify 4.1.3',
        js.ratio,
        5,
        'bench/baselines/sigstore-verify.ts',
      ),
      perSecond(js),
      atLeast(
        'keyless bundle v0.3 : bare cryptography',
        floor.ratio,
        0.6,
        'bench/baselines/keyless-floor.ts',
      ),
      perSecond(floor),
    ];
    if (go === undefined) return [...rows, note('keyless bundle v0.3 : sigstore-go', 'needs Go 1.26')];
    const other = await race(ours, () => go.run(OF_SLOWER));
    return [
      ...rows,
      atLeast(`keyless bundle v0.3 : ${go.name}, one core`, other.ratio, 1.5),
      perSecond(other),
    ];
  } finally {
    go?.stop();
  }
}

/** The same with an entry of Rekor v2 and a timestamp. */
export async function keylessRekorV2(): Promise<Row[]> {
  const material = makeKeylessMaterial(IMAGES, 'v2');
  const js = await race(oursFor(material), sigstoreJs(material));
  return [
    atLeast(
      'keyless bundle, Rekor v2 and timestamp : @sigstore/verify 4.1.3',
      js.ratio,
      3,
      'bench/baselines/sigstore-verify.ts',
    ),
    perSecond(js),
  ];
}

/** V8 compiles what runs often while it runs; what counts is a server that runs for days. */
async function race(ours: Contender, bare: Contender): Promise<Comparison> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    await ours();
    await bare();
  }
  return compare(ROUNDS, ours, bare);
}

function perSecond({ ours, bare }: Comparison): Row {
  return note('… bundles/s of both', `${ours.toFixed(0)} : ${bare.toFixed(0)}`);
}

/** Each round below a trust root of its own, of which nothing is remembered, and each image once in it. */
function oursFor({ images, trustedRoot }: KeylessMaterial): () => number {
  const signer = keylessSigner();
  const now = Date.now();
  let next = 0;
  return () => {
    const trust = trustIn(trustedRoot);
    return rateOf(PER_ROUND, () => {
      const { image, bundle } = at(images, next);
      next += 1;
      const candidate = { kind: 'bundle', id: 'x', storage: 'referrer', bytes: bundle } as const;
      const { code, message } = verifyCandidate(candidate, signer, image, now, trust);
      if (code !== 'VERIFIED') throw new Error(`not verified: ${message}`);
    });
  };
}

function sigstoreJs({ images, trustedRoot }: KeylessMaterial): () => number {
  const verify = sigstoreVerify(trustedRoot, IDENTITY);
  let next = 0;
  return () =>
    rateOf(OF_SLOWER, () => {
      verify(at(images, next).bundle);
      next += 1;
    });
}

function floorFor({ images, sigstore }: KeylessMaterial): () => number {
  const material = images.map((image) => floorOf(image, sigstore));
  const issuer = sigstore.authority.key.publicKey;
  let next = 0;
  return () =>
    rateOf(PER_ROUND, () => {
      if (!bareKeyless(at(material, next), issuer)) throw new Error('not verified');
      next += 1;
    });
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('nothing to verify');
  return found;
}

function keylessSigner(): Signer {
  const signer = keylessPolicy().signers.get('release');
  if (signer === undefined) throw new Error('no signer');
  return signer;
}

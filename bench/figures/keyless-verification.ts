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
import { type Comparison, type Contender, compare, compareInSlices, rateOf, type Work } from '../rounds.ts';
import { startSigstoreGo } from '../sigstore-go.ts';

const ROUNDS = 41;
const WARM_UP_ROUNDS = 20;
const IMAGES = 300;
/** Few a round and many rounds: other work on the machine then slows both contenders down. */
const PER_ROUND = 100;
/** Each image once in a round, beside the floor in slices of some ten milliseconds. */
const SLICES = { warmUp: 10, rounds: 21, slices: 30, perSlice: IMAGES / 30 };
/** Of what is slower, or the figure would take minutes. */
const OF_SLOWER = 15;

/** The whole verification of a bundle v0.3 by certificate and Rekor v1, beside others and beside bare cryptography. */
export async function keylessVerification(): Promise<Row[]> {
  const material = makeKeylessMaterial(IMAGES, 'v1');
  const go = startSigstoreGo(material);
  try {
    const bare = floorFor(material);
    const floor = compareInSlices(
      SLICES,
      () => workOf(oursFor(material)),
      () => workOf(bare),
    );
    const ours = roundsOf(material);
    const js = await race(ours, sigstoreJs(material));
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
  const js = await race(roundsOf(material), sigstoreJs(material));
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

/** Verifies the image of that number. */
type Verify = (index: number) => void;

/** Below a trust root of its own, of which nothing is remembered. */
function oursFor({ images, trustedRoot }: KeylessMaterial): Verify {
  const signer = keylessSigner();
  const trust = trustIn(trustedRoot);
  const now = Date.now();
  return (index) => {
    const { image, bundle } = at(images, index);
    const candidate = { kind: 'bundle', id: 'x', storage: 'referrer', bytes: bundle } as const;
    const { code, message } = verifyCandidate(candidate, signer, image, now, trust);
    if (code !== 'VERIFIED') throw new Error(`not verified: ${message}`);
  };
}

function floorFor({ images, sigstore }: KeylessMaterial): Verify {
  const issuer = sigstore.authority.key.publicKey;
  const material = images.map((image) => floorOf(image, sigstore));
  return (index) => {
    if (!bareKeyless(at(material, index), issuer)) throw new Error('not verified');
  };
}

/** One image after the other, from the first on. */
function workOf(verify: Verify): Work {
  let next = 0;
  return (count) => {
    for (let index = 0; index < count; index += 1) verify(next + index);
    next += count;
  };
}

/** Each round below a trust root of its own, and each image once in it. */
function roundsOf(material: KeylessMaterial): () => number {
  let next = 0;
  return () => {
    const verify = oursFor(material);
    const first = next;
    next += PER_ROUND;
    return rateOf(PER_ROUND, (index) => verify(first + index));
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

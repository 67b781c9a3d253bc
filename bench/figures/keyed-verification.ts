// SPDX-License-Identifier: Apache-2.0
import { parseImageReference, pinImage } from '../../src/image/index.ts';
import { compilePolicy } from '../../src/policy/index.ts';
import { createTestKey, makeImage, makeLegacyLayer, makeLegacyPayload } from '../../src/testing/index.ts';
import { type Candidate, verifyCandidate } from '../../src/verify/index.ts';
import { bareVerify } from '../baselines/crypto-verify.ts';
import { atLeast, type Row } from '../figure.ts';
import { compare, rateOf } from '../rounds.ts';
import { POLICY } from '../world.ts';

const ROUNDS = 15;
const PER_ROUND = 1500;
const SIGNATURE = 'dev.cosignproject.cosign/signature';

/** The whole verification of a legacy signature by a P-256 key, each candidate seen for the first time. */
export async function keyedVerification(): Promise<Row[]> {
  const key = createTestKey('ecdsa-p256');
  const image = pinImage(parseImageReference('registry.example/acme/web'), makeImage('web').digest);
  const payload = makeLegacyPayload({ digest: image.digest, dockerReference: 'registry.example/acme/web' });
  const { annotations } = makeLegacyLayer(payload, key).descriptor;
  const signature = Buffer.from(annotations[SIGNATURE] ?? '', 'base64');
  const policy = compilePolicy(POLICY, { source: 'policy.yaml', readFile: () => key.publicKeyPem });
  const signer = policy.signers.get('release');
  if (signer === undefined) throw new Error('no signer');
  const now = Date.now();

  const { ratio } = await compare(
    ROUNDS,
    () =>
      rateOf(PER_ROUND, () => {
        const candidate: Candidate = {
          kind: 'simple-signing',
          id: 'x.sig#0',
          storage: 'tag',
          payload: Buffer.from(payload),
          annotations,
        };
        if (verifyCandidate(candidate, signer, image, now).code !== 'VERIFIED')
          throw new Error('not verified');
      }),
    () =>
      rateOf(PER_ROUND, () => {
        if (!bareVerify(payload, signature, key.publicKey)) throw new Error('not verified');
      }),
  );
  return [
    atLeast('keyed P-256 verification : bare crypto.verify', ratio, 0.6, 'bench/baselines/crypto-verify.ts'),
  ];
}

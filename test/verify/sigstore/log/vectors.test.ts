// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseLegacyLogEntry } from '../../../../src/verify/sigstore/log/legacy-log-entry.ts';
import { verifyLogEntry } from '../../../../src/verify/sigstore/log/verify-log-entry.ts';
import {
  envelopeContent,
  readLoggedBundle,
  readTrustedLogs,
  verifierOf,
} from '../../../support/logged-bundles.ts';
import { skipWithoutVectors, vectorsPath } from '../../../support/vectors.ts';

const PUBLIC_GOOD = vectorsPath('trust/targets/trusted_root.json');
const readKey = (path: string) => (existsSync(path) ? createPublicKey(readFileSync(path)) : undefined);

/** What each entry of the bundle gave: its time in seconds, `no time`, `unknown log`, or the code. */
function outcomes(path: string, root: string, given: { artifact?: Uint8Array; key?: string } = {}): string {
  const key = given.key === undefined ? undefined : readKey(given.key);
  const { entries, content } = readLoggedBundle(path, {
    ...(given.artifact && { artifact: given.artifact }),
    ...(key && { key }),
  });
  const logs = readTrustedLogs(root);
  return entries.map((entry) => outcome(() => verifyLogEntry(entry, content, logs))).join();
}

function outcome(verify: () => ReturnType<typeof verifyLogEntry>): string {
  try {
    const verified = verify();
    if (verified === undefined) return 'unknown log';
    return verified.time === undefined ? 'no time' : String(verified.time / 1000);
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

suite('entries of the conformance suite', { skip: skipWithoutVectors }, () => {
  const at = (...parts: string[]) => vectorsPath('conformance', ...parts);
  // Those that fail elsewhere than in the log are left out, where they do not get as far as an entry.
  for (const [name, expected] of [
    ['bundle-from-wrong-instance_fail', 'unknown log'],
    ['bundle-with-sct-with-extensions', 'no time'],
    ['dsse-invalid-sig_fail', 'LOG_ENTRY_MISMATCH'],
    ['dsse-mismatch-envelope_fail', 'LOG_ENTRY_MISMATCH'],
    ['happy-path-intoto-in-dsse-v3', '1734374576'],
    ['happy-path-v0.1', '1689177396'],
    ['happy-path-v0.2', '1689177396'],
    ['happy-path-v0.3', '1710869186'],
    ['happy-path-v0.3-new-mediaType', '1710869186'],
    ['intoto-expired-certificate_fail', '1675209600'],
    ['intoto-log-entry-mismatch_fail', 'LOG_ENTRY_MISMATCH'],
    ['intoto-with-custom-trust-root', '1675209600'],
    ['invalid-checkpoint-signature_fail', 'LOG_ENTRY_INVALID'],
    ['invalid-inclusion-proof_fail', 'LOG_ENTRY_INVALID'],
    ['managed-key-and-trusted-root', '1767810965'],
    ['managed-key-happy-path', '1766077479'],
    ['rekor2-checkpoint-cosigned', 'no time'],
    ['rekor2-checkpoint-missing-log-signature_fail', 'LOG_ENTRY_INVALID'],
    ['rekor2-happy-path', 'no time'],
    ['rekor2-no-inclusion-proof_fail', 'LOG_ENTRY_INVALID'],
    ['rekor2-timestamp-with-embedded-cert', 'no time'],
    ['set-invalid-signature_fail', 'LOG_ENTRY_INVALID'],
    ['signature-mismatch_fail', 'LOG_ENTRY_MISMATCH'],
    ['wrong-hashedrekord-artifact_fail', 'LOG_ENTRY_MISMATCH'],
    ['wrong-material_fail', 'LOG_ENTRY_MISMATCH'],
  ] as const) {
    test(name, () => {
      const [root, own] = [at(name, 'trusted_root.json'), at(name, 'artifact')];
      const artifact = readFileSync(existsSync(own) ? own : at('a.txt'));
      const given = { artifact, key: at(name, 'key.pub') };
      assert.equal(
        outcomes(at(name, 'bundle.sigstore.json'), existsSync(root) ? root : PUBLIC_GOOD, given),
        expected,
      );
    });
  }
});

suite('entries of bundles by other clients', { skip: skipWithoutVectors }, () => {
  for (const [path, root, expected] of [
    ['bundles-sigstore-js/bundleV01-dsse-no-proof.sigstore', PUBLIC_GOOD, '1689177043'],
    ['bundles-sigstore-js/bundleV01-dsse-with-proof.sigstore', PUBLIC_GOOD, '1689177043'],
    ['bundles-sigstore-js/bundleV01-full-cert-chain.sigstore', PUBLIC_GOOD, '1689176078'],
    ['bundles-sigstore-js/bundleV01-intoto-no-proof.sigstore', PUBLIC_GOOD, '1689176078'],
    ['bundles-sigstore-js/bundleV01-intoto-with-proof.sigstore', PUBLIC_GOOD, '1689176078'],
    ['bundles-sigstore-js/bundleV02-dsse.sigstore', PUBLIC_GOOD, '1689177043'],
    ['bundles-sigstore-js/bundleV02-intoto.sigstore', PUBLIC_GOOD, '1689176078'],
    ['bundles-sigstore-js/bundleV03-dsse.sigstore', PUBLIC_GOOD, '1689177043'],
    ['bundles-sigstore-js/bundleV03-intoto.sigstore', PUBLIC_GOOD, '1689176078'],
    ['bundles-sigstore-go/bundles/dsse.sigstore.json', PUBLIC_GOOD, '1668034836'],
    ['bundles-sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json', PUBLIC_GOOD, '1692374735'],
    [
      'bundles-sigstore-go/bundles/othername.sigstore.json',
      vectorsPath('bundles-sigstore-go/trusted-roots/scaffolding.json'),
      '1720811189',
    ],
    [
      'local-sigstore/github-keyless-sct.bundle.json',
      vectorsPath('local-sigstore/trusted-root.json'),
      'no time',
    ],
    ['local-sigstore/key-rekor2-tsa.bundle.json', vectorsPath('local-sigstore/trusted-root.json'), 'no time'],
  ] as const) {
    test(path, () => {
      assert.equal(
        outcomes(vectorsPath(path), root, { key: vectorsPath('local-sigstore/cosign.pub') }),
        expected,
      );
    });
  }
});

type Layer = { digest: string; annotations: Record<string, string> };

suite('entries of legacy attestations', { skip: skipWithoutVectors }, () => {
  for (const [version, expected] of [
    ['v1.4.0', '1673455977'],
    ['v1.6.0', '1684892047'],
    ['v1.8.0', '1691126891'],
    ['v1.10.0', '1711017244'],
  ] as const) {
    const blobs = vectorsPath('slsa-layouts', version, 'blobs/sha256');
    const read = (digest: string) => readFileSync(join(blobs, digest.replace('sha256:', '')));
    const layer = () => {
      const manifest = readdirSync(blobs)
        .map(read)
        .find((blob) => blob.includes('dev.sigstore.cosign/bundle'));
      const { layers } = JSON.parse(String(manifest)) as { layers: [Layer] };
      const [{ digest, annotations }] = layers;
      return { envelope: read(digest), annotations };
    };
    const verifyWith = (envelope: Uint8Array, annotations: Record<string, string>, isAtHand = true) => {
      const { payloadType, payload, signatures } = JSON.parse(String(envelope));
      const { raw } = new X509Certificate(annotations['dev.sigstore.cosign/certificate'] ?? '');
      const parts = {
        payloadType,
        payload: Buffer.from(payload, 'base64'),
        signature: Buffer.from(signatures[0].sig, 'base64'),
      };
      const entry = parseLegacyLogEntry(annotations['dev.sigstore.cosign/bundle'] ?? '');
      const content = envelopeContent(parts, verifierOf(raw), isAtHand ? envelope : undefined);
      return outcome(() => verifyLogEntry(entry, content, readTrustedLogs(PUBLIC_GOOD)));
    };

    test(version, () => {
      const { envelope, annotations } = layer();
      assert.equal(verifyWith(envelope, annotations), expected);
    });

    test(`${version}: another envelope`, () => {
      const { envelope, annotations } = layer();
      const spaced = Buffer.concat([envelope, Buffer.from(' ')]);
      assert.equal(verifyWith(spaced, annotations), 'LOG_ENTRY_MISMATCH');
    });

    test(`${version}: an envelope that is not at hand`, () => {
      const { envelope, annotations } = layer();
      // Only the entry of v1.10.0 names the signature, and so does not need the envelope.
      const without = version === 'v1.10.0' ? expected : 'LOG_ENTRY_MISMATCH';
      assert.equal(verifyWith(envelope, annotations, false), without);
    });
  }
});

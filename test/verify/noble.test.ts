// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { signWith } from '../../src/testing/index.ts';
import { verifyEcdsaDigest, verifyEd25519ph } from '../../src/verify/noble.ts';
import { sharedKey } from '../support/verification.ts';

const content = Buffer.from('content');
const module = fileURLToPath(new URL('../../src/verify/noble.ts', import.meta.url));

suite('Ed25519ph', () => {
  const key = sharedKey('ed25519');
  const signature = signWith(key, content, { ed25519: 'ph' });

  test('holds for the content and the key, and for no other', () => {
    assert.equal(verifyEd25519ph(content, signature, key.publicKey), true);
    assert.equal(verifyEd25519ph(Buffer.from('other'), signature, key.publicKey), false);
    assert.equal(verifyEd25519ph(content, signature, sharedKey('ed25519', 'other').publicKey), false);
  });

  test('is not the pure form', () => {
    const pure = signWith(key, content, { ed25519: 'pure' });
    assert.equal(verifyEd25519ph(content, pure, key.publicKey), false);
  });

  test('of another length is none, and throws nothing', () => {
    for (const length of [0, 63, 65, 1024]) {
      assert.equal(verifyEd25519ph(content, Buffer.alloc(length, 1), key.publicKey), false);
    }
  });

  test('with s past the order of the group is refused: nobody makes two of one', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
    const raised = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    const forged = Buffer.concat([signature.subarray(0, 32), raised]);
    assert.equal(verifyEd25519ph(content, forged, key.publicKey), false);
  });
});

test('Ed25519ph by a key of small order, which signs anything, is refused', () => {
  const neutral = Buffer.alloc(32);
  neutral[0] = 1;
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: neutral.toString('base64url') },
    format: 'jwk',
  });
  assert.equal(verifyEd25519ph(content, Buffer.concat([neutral, Buffer.alloc(32)]), key), false);
});

test('ECDSA over a digest takes DER only, and throws nothing', () => {
  const { publicKey } = sharedKey();
  for (const signature of [Buffer.alloc(0), Buffer.alloc(64, 1), Buffer.of(0x30), Buffer.alloc(1024, 0x30)]) {
    assert.equal(verifyEcdsaDigest('p256', Buffer.alloc(32), signature, publicKey), false);
  }
});

suite('the library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-noble-'));
  after(() => rmSync(folder, { recursive: true }));
  const run = (script: string) => {
    const file = join(folder, 'script.mjs');
    writeFileSync(file, script);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      timeout: 110_000,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };

  test('is not loaded before it is needed', () => {
    const front = pathToFileURL(fileURLToPath(new URL('../../src/verify/index.ts', import.meta.url)));
    const output = run(`
      import { registerHooks } from 'node:module';
      const urls = [];
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
      await import('${front}');
      console.log(urls.length > 10, urls.filter((url) => url.includes('@noble')).length);
    `);
    assert.equal(output, 'true 0');
  });

  test('is packed in by a bundler, and the bundle needs nothing beside it', () => {
    const { outputFiles } = buildSync({
      entryPoints: [module],
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    writeFileSync(join(folder, 'bundle.mjs'), outputFiles[0]?.text ?? '');
    const key = sharedKey('ed25519');
    const signature = signWith(key, content, { ed25519: 'ph' }).toString('base64');
    const output = run(`
      import { createPublicKey } from 'node:crypto';
      import { verifyEd25519ph } from './bundle.mjs';
      const key = createPublicKey(${JSON.stringify(key.publicKeyPem)});
      console.log(verifyEd25519ph(Buffer.from('content'), Buffer.from('${signature}', 'base64'), key));
    `);
    assert.equal(output, 'true');
  });
});

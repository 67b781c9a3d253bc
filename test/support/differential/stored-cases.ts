// SPDX-License-Identifier: Apache-2.0
import {
  attestImage,
  createTestKey,
  defectsFor,
  githubIdentity,
  type KeylessOptions,
  type SignableImage,
  signImageKeyless,
  signLegacy,
  type TestKeyKind,
  type TestRegistry,
} from '../../../src/testing/index.ts';
import { pushLayout } from '../oci-layout.ts';
import { vectorRootBytes, vectorsPath } from '../vectors.ts';
import type { CaseSigner } from './case.ts';
import { PIPELINE, ROOT, signerOf, WORLD } from './made.ts';

/** An image in a registry, and what is wanted of it: a signature, or an attestation of a type. */
export type StoredCase = {
  readonly name: string;
  readonly image: string;
  readonly trustedRoot: Uint8Array;
  readonly signer: CaseSigner;
  /** Whether a key must be in the log. */
  readonly isLogged?: boolean;
  /** Default: an image signature is wanted. */
  readonly type?: string;
};

const TYPE = 'https://slsa.dev/provenance/v1';
const KEYS: readonly TestKeyKind[] = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa-2048'];

/** Puts images into the registry, with all that signers and others may have put beside them. */
export function storedCases(registry: TestRegistry): readonly StoredCase[] {
  const made = maker(registry);
  return [...layouts(registry), ...legacy(made), ...keyed(made), ...attested(made), ...elsewhere(made)];
}

type Make = (
  name: string,
  store: (image: SignableImage, registry: TestRegistry) => void,
  wanted?: Partial<StoredCase>,
) => StoredCase;

function maker(registry: TestRegistry): Make {
  let count = 0;
  return (name, store, wanted = {}) => {
    count += 1;
    const image = registry.pushImage(`case/${count}`, { content: name });
    store(image, registry);
    return { name, image: image.pinned, trustedRoot: ROOT, signer: signerOf(PIPELINE), ...wanted };
  };
}

/** Real images with provenance. */
function layouts(registry: TestRegistry): StoredCase[] {
  const trustedRoot = vectorRootBytes();
  const issuer = 'https://token.actions.githubusercontent.com';
  return ['v1.4.0', 'v1.6.0', 'v1.8.0', 'v1.10.0'].flatMap((version) => {
    const image = pushLayout(registry, `slsa/${version}`, vectorsPath('slsa-layouts', version));
    const identity = `https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/${version}`;
    const wanted = {
      image,
      trustedRoot,
      signer: { identity, issuer },
      type: 'https://slsa.dev/provenance/v0.2',
    };
    return [
      { ...wanted, name: `slsa ${version}` },
      { ...wanted, name: `slsa ${version}, another identity`, signer: { identity: `${identity}.1`, issuer } },
      { ...wanted, name: `slsa ${version}, another type`, type: TYPE },
      { name: `slsa ${version}, a signature is wanted`, image, trustedRoot, signer: wanted.signer },
    ];
  });
}

/** Certificates in legacy layers, with each defect that they can have. */
function legacy(made: Make): StoredCase[] {
  return [0, 1].flatMap((timestamps) =>
    [undefined, ...defectsFor({ log: 'v1', timestamps, legacy: true })].flatMap((defect) => {
      const order: KeylessOptions = { timestamps, ...(defect && { defects: [defect] }) };
      const name = `${defect ?? 'legacy'}: ${timestamps > 0 ? 'timestamp, ' : ''}`;
      return [
        made(`${name}signature layer`, (image, registry) => {
          signImageKeyless(registry, image, WORLD, PIPELINE, { ...order, format: 'legacy' });
        }),
        made(
          `${name}attestation layer`,
          (image, registry) => {
            const options = { ...order, identity: PIPELINE, predicateType: TYPE, format: 'legacy' } as const;
            attestImage(registry, image, WORLD, options);
          },
          { type: TYPE },
        ),
      ];
    }),
  );
}

/** Keys in legacy layers: as cosign’s key files sign, and over SHA-256. */
function keyed(made: Make): StoredCase[] {
  return KEYS.flatMap((kind) => {
    const key = createTestKey(kind);
    const signer = { key: key.publicKeyPem };
    return [
      made(
        `${kind} key, its own hash, signature layer`,
        (image, registry) => void signLegacy(registry, image, key),
        { signer },
      ),
      made(
        `${kind} key, logged, attestation layer`,
        (image, registry) => {
          attestImage(registry, image, WORLD, { key, log: 'v1', predicateType: TYPE, format: 'legacy' });
        },
        { signer, type: TYPE, isLogged: true },
      ),
      made(
        `${kind} key, attestation bundle`,
        (image, registry) => {
          attestImage(registry, image, WORLD, { key, log: 'v2', predicateType: TYPE });
        },
        { signer, type: TYPE, isLogged: true },
      ),
    ];
  });
}

/** Attestations that are not what is wanted. */
function attested(made: Make): StoredCase[] {
  const other = `sha256:${'b'.repeat(64)}`;
  return (['bundle', 'legacy'] as const).flatMap((format) => {
    const attest = (more: object) => (image: SignableImage, registry: TestRegistry) => {
      const order = { identity: PIPELINE, predicateType: TYPE, log: 'v1', ...more } as const;
      attestImage(registry, image, WORLD, { ...order, format });
    };
    const wanted = { type: TYPE };
    return [
      made(`an attestation, ${format}`, attest({}), wanted),
      made(`of another type, ${format}`, attest({ predicateType: `${TYPE}x` }), wanted),
      made(`of another image, ${format}`, attest({ subjectDigest: other }), wanted),
      made(`by somebody else, ${format}`, attest({ identity: githubIdentity('acme-evil/web') }), wanted),
      made(
        `without subjects, ${format}`,
        attest({
          statement: {
            _type: 'https://in-toto.io/Statement/v1',
            predicateType: TYPE,
            subject: [],
            predicate: {},
          },
        }),
        wanted,
      ),
      made(`no statement, ${format}`, attest({ statement: 'hello' }), wanted),
      made(
        `two, one by somebody else, ${format}`,
        (image, registry) => {
          attest({ identity: githubIdentity('acme-evil/web') })(image, registry);
          attest({})(image, registry);
        },
        wanted,
      ),
      made(`an attestation for a signature, ${format}`, attest({})),
      made(
        `a signature for an attestation, ${format}`,
        (image, registry) => {
          signImageKeyless(registry, image, WORLD, PIPELINE, { format });
        },
        wanted,
      ),
    ];
  });
}

/** Signatures that are about something else. */
function elsewhere(made: Make): StoredCase[] {
  const other = `sha256:${'b'.repeat(64)}`;
  const sign =
    (options: Parameters<typeof signImageKeyless>[4]) => (image: SignableImage, registry: TestRegistry) => {
      signImageKeyless(registry, image, WORLD, PIPELINE, options);
    };
  return [
    made('a bundle', sign({})),
    made('a bundle of another image', sign({ subjectDigest: other })),
    made('a bundle over the manifest', sign({ content: 'message-signature' })),
    made('a payload of another image', sign({ format: 'legacy', payloadDigest: other })),
    made('a payload that is none', sign({ format: 'legacy', payload: '{}' })),
    made('a payload of another repository', sign({ format: 'legacy', dockerReference: 'other.example/x' })),
    made('both formats, one broken', (image, registry) => {
      sign({ defects: ['badSignature'] })(image, registry);
      sign({ format: 'legacy' })(image, registry);
    }),
    made('nothing', () => {}),
  ];
}

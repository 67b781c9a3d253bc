// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parsePemCertificates } from '../../src/certificate/pem.ts';
import { parseCertificate } from '../../src/certificate/x509.ts';
import { type CODES, CountersignError } from '../../src/errors.ts';
import { parseDigest } from '../../src/image/digest.ts';
import { parsePublicKey, type Signer, type TextTest } from '../../src/policy/index.ts';
import { parseBase64 } from '../../src/verify/base64.ts';
import type { CandidateOf } from '../../src/verify/candidate.ts';
import {
  type Artifact,
  artifactOfContent,
  artifactOfDigest,
  type Candidate,
  type Evidence,
  parseTrustRoot,
  readBundle,
  type TrustRoots,
  verifyAttestation,
  verifyCandidate,
  verifyReadBundle,
} from '../../src/verify/index.ts';
import { readIdentity } from '../../src/verify/sigstore/certificate/read-identity.ts';
import { keySigner } from './key-signer.ts';
import { skipWithoutVectors, vectorsPath } from './vectors.ts';
import { imageAt, NOW } from './verification.ts';

/** Signed material that verifies, as JSON text: a bundle, or a layer as `{"payload":"<base64>","annotations":{}}`. */
export type Accepted = {
  readonly name: string;
  readonly text: string;
  /** What decides which of it counts. */
  readonly traits: ReadonlySet<Trait>;
  /** The evidence in text of the same shape; the code where it is refused. Fails where the code is none of a refusal. */
  readonly judge: (text: string) => Evidence | string;
};

/** Who verifies, and what else is there of which not all must hold. */
export type Trait = 'key' | 'certificate' | 'several times' | 'several logs' | 'Rekor v2' | 'v0.1' | 'layer';

const PUBLIC_GOOD = 'trust/targets/trusted_root.json';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const read = (path: string) => readFileSync(vectorsPath(path));

/** Every vector that verifies; none where there are no vectors. */
export function acceptedVectors(): readonly Accepted[] {
  if (skipWithoutVectors) return [];
  return [...conformance(), ...bundlesOfClients(), ...localBundles(), ...legacyAttestations()];
}

/** A bundle about the artifact, signed by whom its certificate names; without one, by the key (PEM). */
export function acceptedBundle(
  name: string,
  text: string,
  artifact: Artifact,
  rootJson: Uint8Array,
  pem = '',
): Accepted {
  const { verificationMaterial: material } = JSON.parse(text);
  const der = (material.certificate ?? material.x509CertificateChain?.certificates[0])?.rawBytes;
  const demands = { logEntries: material.tlogEntries === undefined ? 0 : 1, timestamps: 0, scts: 0 };
  const signer = der
    ? identityOf(Buffer.from(der, 'base64'))
    : keySigner('s', [{ ...parsePublicKey(pem), source: 'key' }], {
        demands: { ...demands, unsafeNoTime: false },
      });
  const roots = rootsOf(rootJson);
  const judge = (mutant: string) =>
    judged(() => verifyReadBundle(readBundle(Buffer.from(mutant)), signer, artifact, NOW, roots));
  return { name, text, judge, traits: traitsOf(material, JSON.parse(text).mediaType) };
}

type MaterialJson = {
  readonly publicKey?: unknown;
  readonly tlogEntries?: readonly { readonly inclusionPromise?: unknown; readonly kindVersion: unknown }[];
  readonly timestampVerificationData?: { readonly rfc3161Timestamps?: readonly unknown[] } | null;
};

function traitsOf(material: MaterialJson, mediaType: string): ReadonlySet<Trait> {
  const { publicKey, tlogEntries = [], timestampVerificationData } = material;
  const timestamps = timestampVerificationData?.rfc3161Timestamps ?? [];
  const promises = tlogEntries.filter(({ inclusionPromise }) => inclusionPromise !== undefined);
  const isV2 = JSON.stringify(tlogEntries.map(({ kindVersion }) => kindVersion)).includes('0.0.2');
  const traits: Readonly<Record<Trait, boolean>> = {
    key: publicKey !== undefined,
    certificate: publicKey === undefined,
    'several times': promises.length + timestamps.length > 1,
    'several logs': tlogEntries.length > 1,
    'Rekor v2': isV2 && promises.length < tlogEntries.length,
    'v0.1': mediaType.includes('0.1'),
    layer: false,
  };
  return new Set(Object.entries(traits).flatMap(([trait, has]) => (has ? [trait as Trait] : [])));
}

/** A legacy layer about the image of this digest, signed by whom its certificate names. */
export function acceptedLayer(
  name: string,
  kind: 'simple-signing' | 'envelope',
  layer: { readonly payload: Uint8Array; readonly annotations: Readonly<Record<string, string>> },
  digest: string,
  rootJson: Uint8Array,
): Accepted {
  const { annotations } = layer;
  const payload = Buffer.from(layer.payload).toString('base64');
  const [leaf] = parsePemCertificates(annotations[CERTIFICATE] ?? '');
  const signer = identityOf(leaf?.der ?? assert.fail(`${name} has no certificate`));
  const image = imageAt('registry.example/acme/web', parseDigest(digest));
  const roots = rootsOf(rootJson);
  const judge = (mutant: string) => {
    const found = layerIn(mutant);
    if (found === undefined) return 'NO_LAYER';
    const candidate: Candidate = { id: 'x', storage: 'tag', kind, ...found };
    const outcome =
      kind === 'envelope'
        ? verifyAttestation(candidate, signer, image, NOW, roots).outcome
        : verifyCandidate(candidate, signer, image, NOW, roots);
    return outcome.evidence ?? refusal(outcome.code, outcome.message);
  };
  const text = JSON.stringify({ payload, annotations });
  return {
    name,
    text,
    judge,
    traits: new Set(
      annotations['dev.sigstore.cosign/rfc3161timestamp']
        ? ['layer', 'certificate', 'several times']
        : ['layer', 'certificate'],
    ),
  };
}

/** Bytes and texts, as discovery hands them over; whatever else is no layer never gets here. */
function layerIn(text: string): Pick<CandidateOf<'envelope'>, 'payload' | 'annotations'> | undefined {
  try {
    const layer = JSON.parse(text);
    const { payload, annotations, ...rest } = layer;
    const isWhole = Object.values(annotations).every((one) => typeof one === 'string');
    const bytes = parseBase64(payload);
    const isPlain = JSON.stringify(layer) === text && Object.keys(rest).length === 0;
    return bytes && isWhole && isPlain ? { payload: bytes, annotations } : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever the certificate names, as a policy would, and what is demanded of certificates by default. */
function identityOf(der: Uint8Array): Signer {
  const { issuer, subject } = readIdentity(parseCertificate(der));
  const exactly = (text: string): TextTest => ({ text, matches: (value) => value === text });
  return {
    kind: 'keyless',
    name: 's',
    annotations: {},
    trustRoot: 'default',
    issuer: exactly(issuer),
    subject: { ...exactly(subject.value), kinds: ['uri', 'email', 'otherName', 'dns'] },
    claims: [],
    demands: { logEntries: 1, timestamps: 0, scts: 1, unsafeNoTime: false },
  };
}

function rootsOf(json: Uint8Array): TrustRoots {
  const root = parseTrustRoot('default', json);
  return { fingerprint: root.fingerprint, roots: new Map([['default', root]]) };
}

function judged(verify: () => Evidence): Evidence | string {
  try {
    return verify();
  } catch (error) {
    assert.ok(error instanceof CountersignError, `without a code: ${error}`);
    return refusal(error.code, error.message);
  }
}

function refusal(code: keyof typeof CODES, message: string): string {
  assert.ok(code !== 'INTERNAL_ERROR' && code !== 'VERIFIED', `${code}: ${message}`);
  return code;
}

function conformance(): Accepted[] {
  const names = readdirSync(vectorsPath('conformance'), { withFileTypes: true });
  return names
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith('_fail'))
    .map(({ name }) => {
      const own = (file: string, usual: string) =>
        read(existsSync(vectorsPath('conformance', name, file)) ? `conformance/${name}/${file}` : usual);
      const artifact = artifactOfContent(own('artifact', 'conformance/a.txt'));
      const pem = existsSync(vectorsPath('conformance', name, 'key.pub'))
        ? own('key.pub', '').toString()
        : '';
      const text = own('bundle.sigstore.json', '').toString();
      return acceptedBundle(name, text, artifact, own('trusted_root.json', PUBLIC_GOOD), pem);
    });
}

function bundlesOfClients(): Accepted[] {
  const paths = [
    ...readdirSync(vectorsPath('bundles-sigstore-js'))
      .filter((name) => name.endsWith('.sigstore'))
      .map((name) => `bundles-sigstore-js/${name}`),
    'bundles-sigstore-go/bundles/dsse.sigstore.json',
    'bundles-sigstore-go/bundles/sigstore.js@2.0.0-provenance.sigstore.json',
    'bundles-sigstore-go/bundles/othername.sigstore.json',
  ];
  return paths.map((path) => {
    const root = path.includes('othername')
      ? 'bundles-sigstore-go/trusted-roots/scaffolding.json'
      : PUBLIC_GOOD;
    const text = read(path).toString();
    return acceptedBundle(path, text, artifactOfDigest(digestIn(text)), read(root));
  });
}

/** What the bundle says that it is about: here it is whether that holds which counts. */
function digestIn(text: string): string {
  const { dsseEnvelope, messageSignature } = JSON.parse(text);
  if (dsseEnvelope === undefined) {
    return `sha256:${Buffer.from(messageSignature.messageDigest.digest, 'base64').toString('hex')}`;
  }
  const { subject } = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
  const [[name, value] = []] = Object.entries(subject[0].digest);
  return `${name}:${value}`;
}

function localBundles(): Accepted[] {
  return ['github-keyless-sct', 'key-rekor2-tsa', 'key-offline'].map((name) => {
    const text = read(`local-sigstore/${name}.bundle.json`).toString();
    const root = read('local-sigstore/trusted-root.json');
    const key = read('local-sigstore/cosign.pub').toString();
    return acceptedBundle(name, text, artifactOfDigest(digestIn(text)), root, key);
  });
}

function legacyAttestations(): Accepted[] {
  return readdirSync(vectorsPath('slsa-layouts')).map((version) => {
    const blob = (digest: string) => read(`slsa-layouts/${version}/blobs/${digest.replace(':', '/')}`);
    const { manifests } = JSON.parse(read(`slsa-layouts/${version}/index.json`).toString());
    const atts = manifests.find(({ annotations }: { annotations: { kind: string } }) =>
      annotations.kind.endsWith('atts'),
    );
    const [{ digest, annotations }] = JSON.parse(blob(atts.digest).toString()).layers;
    const payload = blob(digest);
    const envelope = { dsseEnvelope: JSON.parse(payload.toString()) };
    const layer = { payload, annotations };
    const about = digestIn(JSON.stringify(envelope));
    return acceptedLayer(`slsa ${version}`, 'envelope', layer, about, read(PUBLIC_GOOD));
  });
}

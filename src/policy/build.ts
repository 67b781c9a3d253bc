// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { digestOf } from '../image/digest.ts';
import { buildRule } from './build-rules.ts';
import type { CompiledPolicy, Signer, VerificationKey, Where } from './compiled-policy.ts';
import type { SourceDocument } from './document.ts';
import { deepFreeze } from './freeze.ts';
import { formatPath, type Path } from './issue.ts';
import { buildIdentity, demandsOf } from './keyless.ts';
import type { TrustPolicyDocument } from './schema.ts';
import type { SignerDocument } from './schema-signer.ts';

type Keys = ReadonlyMap<string, readonly VerificationKey[]>;

/**
 * Makes the policy of a document that passed every check. `id` stands for the text of the document in the
 * fingerprint.
 */
export function buildPolicy(
  data: TrustPolicyDocument,
  { keys, wheres }: { readonly keys: Keys; readonly wheres: ReadonlyMap<string, Where> },
  document: SourceDocument,
  { id, source }: { id: string; source: string },
): CompiledPolicy {
  const signers = buildSigners(data, keys);
  return deepFreeze({
    name: data.metadata.name,
    source,
    fingerprint: fingerprintOf(id, keys),
    signers,
    rules: data.rules.map((rule) => buildRule(rule, signers, wheres)),
    modes: data.modes ?? [],
    lines: linesOf(data, document),
  });
}

function linesOf(data: TrustPolicyDocument, document: SourceDocument): Map<string, number> {
  const paths: Path[] = [
    ...Object.entries(data.signers ?? {}).flatMap(([name, signer]) => [
      ['signers', name],
      ...Object.keys(signer).map((key) => ['signers', name, key]),
      ...Object.keys(signer.keyless ?? {}).map((key) => ['signers', name, 'keyless', key]),
    ]),
    ...data.rules.flatMap((rule, index) => [
      ['rules', index],
      ...Object.keys(rule).map((key) => ['rules', index, key]),
      ...(rule.attestations ?? []).map((_, entry) => ['rules', index, 'attestations', entry]),
    ]),
    ...(data.modes ?? []).map((_, index) => ['modes', index]),
  ];
  return new Map(paths.map((path) => [formatPath(path), document.line(path)]));
}

function buildSigners(data: TrustPolicyDocument, keys: Keys): Map<string, Signer> {
  return new Map(
    Object.entries(data.signers ?? {}).map(([name, document]) => [
      name,
      buildSigner(name, document, keys.get(name) ?? []),
    ]),
  );
}

function buildSigner(name: string, document: SignerDocument, keys: readonly VerificationKey[]): Signer {
  const { annotations = {}, signedIdentity, trustRoot = 'default', keyless } = document;
  const identity = signedIdentity === undefined ? {} : { signedIdentity };
  const common = { name, annotations, trustRoot, demands: demandsOf(document), ...identity };
  return keyless === undefined
    ? { kind: 'key', keys, ...common }
    : { kind: 'keyless', ...common, ...buildIdentity(keyless) };
}

/** Keys by their own encoding: what else a key file holds (comments, line ends) decides nothing. */
function fingerprintOf(id: string, keys: Keys): string {
  const material = [...keys].map(([name, list]) => [name, list.map(({ key }) => encode(key))]);
  return digestOf(Buffer.from(JSON.stringify([id, material])));
}

function encode(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { digestOf } from '../image/digest.ts';
import { parseRepositoryName } from '../image/reference.ts';
import type {
  CompiledPolicy,
  Requirement,
  Rule,
  SignaturePlace,
  Signer,
  VerificationKey,
} from './compiled-policy.ts';
import type { SourceDocument } from './document.ts';
import { deepFreeze } from './freeze.ts';
import { formatPath, type Path } from './issue.ts';
import { buildIdentity, demandsOf } from './keyless.ts';
import { parsePattern } from './pattern.ts';
import type { RequirementDocument, RuleDocument, TrustPolicyDocument } from './schema.ts';
import type { SignerDocument } from './schema-signer.ts';
import { endOfDay } from './time.ts';

type Keys = ReadonlyMap<string, readonly VerificationKey[]>;

/**
 * Makes the policy of a document that passed every check. `id` stands for the text of the document in the
 * fingerprint.
 */
export function buildPolicy(
  data: TrustPolicyDocument,
  keys: Keys,
  document: SourceDocument,
  { id, source }: { id: string; source: string },
): CompiledPolicy {
  const signers = buildSigners(data, keys);
  return deepFreeze({
    name: data.metadata.name,
    source,
    fingerprint: fingerprintOf(id, keys),
    signers,
    rules: data.rules.map((rule) => buildRule(rule, signers)),
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

function buildRule(rule: RuleDocument, signers: ReadonlyMap<string, Signer>): Rule {
  const { name, namespaces, namespaceLabels, require, allow, signatures, mode } = rule;
  return {
    name,
    images: rule.images.map(parsePattern),
    except: (rule.except ?? []).map(parsePattern),
    ...(namespaces && { namespaces }),
    ...(namespaceLabels && { namespaceLabels }),
    ...(require && { require: buildRequirement(require, signers) }),
    ...(allow && { allow: { reason: oneLine(allow.reason), until: untilOf(allow.until) } }),
    ...(signatures && { signatures: buildPlace(signatures) }),
    ...(mode && { mode }),
    pin: rule.unsafePin ?? rule.pin ?? 'pods',
    everyPlatform: rule.platforms === 'every',
    forbidTags: rule.tags === 'forbid',
  };
}

function buildPlace({ repository, tagPrefix = '' }: NonNullable<RuleDocument['signatures']>): SignaturePlace {
  return repository === undefined
    ? { tagPrefix }
    : { repository: parseRepositoryName(repository), tagPrefix };
}

/** Reasons stand in log lines and warnings. */
function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function untilOf(text: string): number | 'never' {
  if (text === 'never') return text;
  const end = endOfDay(text);
  if (end === undefined) throw new TypeError(`until ${text} passed the check and is no day`);
  return end;
}

function buildRequirement(document: RequirementDocument, signers: ReadonlyMap<string, Signer>): Requirement {
  const all = (entries: readonly RequirementDocument[]) =>
    entries.map((entry) => buildRequirement(entry, signers));
  if (typeof document === 'string') return { kind: 'signer', signer: signerNamed(document, signers) };
  if ('any' in document) return { kind: 'any', of: all(document.any) };
  if ('all' in document) return { kind: 'all', of: all(document.all) };
  return { kind: 'atLeast', count: document.atLeast, of: all(document.of) };
}

function signerNamed(name: string, signers: ReadonlyMap<string, Signer>): Signer {
  const signer = signers.get(name);
  if (signer === undefined) throw new TypeError(`signer ${name} passed the check and is not there`);
  return signer;
}

/** Keys by their own encoding: what else a key file holds (comments, line ends) decides nothing. */
function fingerprintOf(id: string, keys: Keys): string {
  const material = [...keys].map(([name, list]) => [name, list.map(({ key }) => encode(key))]);
  return digestOf(Buffer.from(JSON.stringify([id, material])));
}

function encode(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

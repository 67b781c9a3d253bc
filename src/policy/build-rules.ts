// SPDX-License-Identifier: Apache-2.0
import { parseRepositoryName } from '../image/reference.ts';
import type {
  AttestationRequirement,
  Requirement,
  Rule,
  SignaturePlace,
  Signer,
  Where,
} from './compiled-policy.ts';
import { parsePattern } from './pattern.ts';
import { predicateTypeOf } from './predicate-type.ts';
import type { AttestationDocument, RequirementDocument, RuleDocument } from './schema.ts';
import { endOfDay } from './time.ts';

type Signers = ReadonlyMap<string, Signer>;
type Wheres = ReadonlyMap<string, Where>;

/** Makes a rule that passed every check. `wheres` has those of the document by their text. */
export function buildRule(rule: RuleDocument, signers: Signers, wheres: Wheres): Rule {
  const { name, namespaces, namespaceLabels, require, attestations, allow, signatures, mode } = rule;
  return {
    name,
    images: rule.images.map(parsePattern),
    except: (rule.except ?? []).map(parsePattern),
    ...(namespaces && { namespaces }),
    ...(namespaceLabels && { namespaceLabels }),
    ...(require && { require: buildRequirement(require, signers) }),
    ...(attestations && { attestations: attestations.map((one) => buildAttestation(one, signers, wheres)) }),
    ...(allow && { allow: { reason: oneLine(allow.reason), until: untilOf(allow.until) } }),
    ...(signatures && { signatures: buildPlace(signatures) }),
    ...(mode && { mode }),
    pin: rule.unsafePin ?? rule.pin ?? 'pods',
    everyPlatform: rule.platforms === 'every',
    forbidTags: rule.tags === 'forbid',
  };
}

function buildAttestation(
  { type, by, where, quantifier = 'every' }: AttestationDocument,
  signers: Signers,
  wheres: Wheres,
): AttestationRequirement {
  const compiled = where === undefined ? undefined : wheres.get(where);
  if (where !== undefined && compiled === undefined) {
    throw new TypeError(`a where passed the check and was not compiled: ${where}`);
  }
  return {
    predicateType: predicateTypeOf(type),
    by: buildRequirement(by, signers),
    quantifier,
    ...(compiled && { where: compiled }),
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

function buildRequirement(document: RequirementDocument, signers: Signers): Requirement {
  const all = (entries: readonly RequirementDocument[]) =>
    entries.map((entry) => buildRequirement(entry, signers));
  if (typeof document === 'string') return { kind: 'signer', signer: signerNamed(document, signers) };
  if ('any' in document) return { kind: 'any', of: all(document.any) };
  if ('all' in document) return { kind: 'all', of: all(document.all) };
  return { kind: 'atLeast', count: document.atLeast, of: all(document.of) };
}

function signerNamed(name: string, signers: Signers): Signer {
  const signer = signers.get(name);
  if (signer === undefined) throw new TypeError(`signer ${name} passed the check and is not there`);
  return signer;
}

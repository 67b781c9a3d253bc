// SPDX-License-Identifier: Apache-2.0
import { claimNamed } from './claim-names.ts';
import type { ClaimTest, Demands, KeylessSigner, SubjectTest, TextTest } from './compiled-policy.ts';
import { parseIssuer } from './issuer.ts';
import { parseRegexp } from './regexp.ts';
import type { KeylessDocument, SignerDocument } from './schema-signer.ts';
import { parseSegmentPattern } from './segment-pattern.ts';
import { parseSubjectPattern, SUBJECT_KINDS } from './subject-pattern.ts';

/** What makes an identity of a signer. */
type Identity = Pick<KeylessSigner, 'issuer' | 'subject' | 'claims' | 'unsafeAnySubject' | 'unsafeAnyCaller'>;

/** The identity that a document which passed every check tells. */
export function buildIdentity(document: KeylessDocument): Identity {
  const { unsafeAnySubject, unsafeAnyCaller } = document;
  return {
    issuer: issuerOf(document),
    subject: subjectOf(document),
    claims: [
      ...claimsOf(document.claims, parseSegmentPattern),
      ...claimsOf(document.claimsRegexp, parseRegexp),
    ],
    ...(unsafeAnySubject && { unsafeAnySubject }),
    ...(unsafeAnyCaller && { unsafeAnyCaller }),
  };
}

/**
 * What a signer demands beside its signature. A key is trusted itself; a certificate only while it was valid, which a log
 * entry proves, and only if it was made known, which the promise of a certificate log does.
 */
export function demandsOf(signer: SignerDocument): Demands {
  const isKeyless = signer.keyless !== undefined;
  const log = signer.log ?? (isKeyless ? 'required' : 'none');
  return {
    logEntries: typeof log === 'number' ? log : log === 'required' ? 1 : 0,
    timestamps: signer.timestamps ?? 0,
    scts: signer.scts ?? (isKeyless ? 1 : 0),
    unsafeNoTime: signer.unsafeNoTime ?? false,
  };
}

function issuerOf({ issuer, issuerRegexp }: KeylessDocument): TextTest {
  if (issuer !== undefined) return parseIssuer(issuer);
  if (issuerRegexp !== undefined) return parseRegexp(issuerRegexp);
  throw new TypeError('a signer without an issuer passed the check');
}

function subjectOf({ subject, subjectRegexp, unsafeAnySubject }: KeylessDocument): SubjectTest {
  if (subject !== undefined) return parseSubjectPattern(subject);
  if (subjectRegexp !== undefined) return { ...parseRegexp(subjectRegexp), kinds: SUBJECT_KINDS };
  if (unsafeAnySubject) return { text: 'any subject', kinds: SUBJECT_KINDS, matches: () => true };
  throw new TypeError('a signer without a subject passed the check');
}

function claimsOf(claims: KeylessDocument['claims'], parse: (text: string) => TextTest): ClaimTest[] {
  return Object.entries(claims ?? {}).map(([written, text]) => {
    const name = claimNamed(written);
    if (name === undefined || text === undefined) throw new TypeError(`claim ${written} passed the check`);
    return { name, ...parse(text) };
  });
}

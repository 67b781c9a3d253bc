// SPDX-License-Identifier: Apache-2.0
import type { Evidence, SignatureOutcome } from '../verify/index.ts';
import { plainText } from './plain-text.ts';
import { decidingPolicy, type ImageReport, isAllowed, isLetThrough, type Report } from './report.ts';
import { imageInWords, messageInWords, more, policyInWords, ruleInWords, usesInWords } from './words.ts';

/** `color`: with the escape sequences of a terminal. Ours only: those in the report's texts are taken out. */
export type TextOptions = { readonly color: boolean };

type Row = readonly [label: string, text: string];

/** Signers, signatures and policies shown of one image; of more, the number. */
const ROWS_SHOWN = 8;
const NAME_LENGTH = 128;
/** A workflow's name has repository, file and ref in it. */
const IDENTITY_LENGTH = 512;
const LABEL_WIDTH = 'inconclusive'.length + 1;
/** Enough hex digits of a fingerprint to tell two keys apart by eye; the JSON has them all. */
const FINGERPRINT_LENGTH = 'sha256:'.length + 12;

/**
 * The report for people: a block per image, with digest, verdict, rule and signers, or code, reason and hint.
 * Same report, same text. Texts from outside are cut and lose their control characters.
 */
export function renderText(report: Report, options: TextOptions): string {
  if (report.images.length === 0) return isAllowed(report) ? 'no image to judge\n' : 'denied\n';
  return report.images.map((image) => blockOf(image, options)).join('\n');
}

function blockOf(image: ImageReport, options: TextOptions): string {
  const rows = [...factRows(image), verdictRow(image), ...policyRows(image), ...reasonRows(image)];
  const lines = rows
    .filter(([, text]) => text !== '')
    .map(([label, text]) => `  ${paint(label.padEnd(LABEL_WIDTH), label, options)}${text}\n`);
  return `${imageInWords(image)}\n${lines.join('')}`;
}

function factRows(image: ImageReport): Row[] {
  const stale = image.stale ? ' (stale: the registry could not be asked)' : '';
  return [
    ['digest', image.digest === undefined ? '' : `${plainText(image.digest, NAME_LENGTH + 8)}${stale}`],
    ['used by', usesInWords(image)],
  ];
}

function verdictRow(image: ImageReport): Row {
  const code = image.verdict === 'verified' || image.verdict === 'exempt' ? '' : image.code;
  const what = [code, ruleInWords(image)].filter((part) => part !== '').join(', ');
  const passes = isLetThrough(image) ? ` (let in all the same: mode ${image.mode})` : '';
  return [image.verdict, `${what === '' ? image.code : what}${passes}`];
}

/** Each document has its own say: shown where there are several. */
function policyRows(image: ImageReport): Row[] {
  if (image.policies.length < 2) return [];
  const deciding = decidingPolicy(image);
  const others = image.policies.filter((one) => one !== deciding);
  return bounded(
    'also',
    others,
    (one) => `${one.verdict} ${one.code}, ${policyInWords(one)}, mode ${one.mode}`,
  );
}

function reasonRows(image: ImageReport): Row[] {
  const signed = image.outcomes.filter((outcome) => outcome.status === 'verified');
  const signers = distinctRows(signed, 'signer', 'attested', signerInWords);
  if (image.verdict === 'verified') return signers;
  const failed = image.outcomes.filter((outcome) => outcome.status !== 'verified');
  return [
    ['why', messageInWords(image.message)],
    ...signers,
    ...distinctRows(failed, 'signature', 'attestation', failureInWords),
    ['hint', plainText(image.hint, 512)],
  ];
}

/** Signatures first, then attestations, each under a label of its own. */
function distinctRows(
  outcomes: readonly SignatureOutcome[],
  signature: string,
  attestation: string,
  inWords: (outcome: SignatureOutcome) => string,
): Row[] {
  const [signatures, attestations] = [false, true].map((attested) =>
    outcomes.filter((one) => (one.attestation !== undefined) === attested).map(inWords),
  );
  const rows = (label: string, texts: readonly string[] = []) =>
    bounded(label, distinct(texts), (text) => text);
  return [...rows(signature, signatures), ...rows(attestation, attestations)];
}

/** `release-key, key sha256:0123456789ab, bundle`, or who the certificate names and by whom; of an attestation its type before that. */
function signerInWords({ signer, evidence, attestation }: SignatureOutcome): string {
  const name = `${typeInWords(attestation)}${plainText(signer, NAME_LENGTH)}`;
  if (evidence === undefined) return name;
  return `${name}, ${whoInWords(evidence)}, ${evidence.format}`;
}

function whoInWords({ issuer, subject, keyFingerprint }: Evidence): string {
  if (subject === undefined) return `key ${keyFingerprint.slice(0, FINGERPRINT_LENGTH)}`;
  return `${plainText(subject, IDENTITY_LENGTH)} by ${plainText(issuer ?? '', IDENTITY_LENGTH)}`;
}

function typeInWords(attestation: string | undefined): string {
  return attestation === undefined ? '' : `${plainText(attestation, NAME_LENGTH)} by `;
}

function failureInWords(outcome: SignatureOutcome): string {
  const { signer, candidate, digest, attestation, code, message } = outcome;
  const child = digest === undefined ? '' : ` of ${digest.slice(0, FINGERPRINT_LENGTH)}`;
  const type = attestation === undefined ? '' : `${plainText(attestation, NAME_LENGTH)}, `;
  const which = `${type}${plainText(candidate, NAME_LENGTH)}${child}, signer ${plainText(signer, NAME_LENGTH)}`;
  return `${which}: ${code}: ${messageInWords(message)}`;
}

function bounded<T>(label: string, items: readonly T[], inWords: (item: T) => string): Row[] {
  const shown = items.slice(0, ROWS_SHOWN).map((item): Row => [label, inWords(item)]);
  return [...shown, ...more(items.length - shown.length).map((text): Row => [label, text])];
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

const COLORS: Readonly<Record<string, number>> = {
  verified: 32,
  exempt: 33,
  inconclusive: 33,
  rejected: 31,
  hint: 36,
};

function paint(text: string, label: string, { color }: TextOptions): string {
  const code = COLORS[label];
  return color && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
}

// SPDX-License-Identifier: Apache-2.0
import type { AdmissionRequest } from '../admission/index.ts';
import { CODES, type CountersignError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { cut, plainText } from './plain-text.ts';
import {
  decidingPolicy,
  type ImageReport,
  isAllowed,
  isLetThrough,
  type PinReport,
  type Report,
  strictestImage,
} from './report.ts';
import { hintClause, imageInWords, messageInWords, more, ruleInWords, usesInWords } from './words.ts';

type AuditAnnotations = { readonly verdict: string; readonly code: string; readonly rule: string };

/** The AdmissionReview of `admission.k8s.io/v1` that answers one. */
export type AdmissionReviewAnswer = {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly status?: { readonly code: 400 | 403; readonly reason: string; readonly message: string };
    readonly warnings?: readonly string[];
    readonly auditAnnotations?: AuditAnnotations;
    readonly patchType?: 'JSONPatch';
    /** Base64 of the JSON Patch. */
    readonly patch?: string;
  };
};

type Asked = Pick<AdmissionRequest, 'uid'>;

/**
 * The answer of `/validate`. A denial names, for each denied image: container, image, digest, what was wanted and
 * found, code, rule and hint. What `warn` lets in is a warning; what `audit` lets in stands in the audit log only.
 */
export function renderValidateAnswer(request: Asked, report: Report): AdmissionReviewAnswer {
  const allowed = isAllowed(report);
  const warnings = warningsOf(report);
  const strictest = strictestImage(report);
  return answer({
    uid: request.uid,
    allowed,
    ...(allowed ? {} : { status: forbidden(denialMessage(report)) }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(strictest === undefined ? {} : { auditAnnotations: auditOf(strictest) }),
  });
}

/** The answer of `/mutate`: always allowed, with a JSON Patch where there is a digest to write in. */
export function renderMutateAnswer(request: Asked, pins: readonly PinReport[]): AdmissionReviewAnswer {
  const operations = pins.flatMap(pinOperations);
  if (operations.length === 0) return renderUnread(request.uid);
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return answer({ uid: request.uid, allowed: true, patchType: 'JSONPatch', patch });
}

/** Allowed and unpatched: what there is nothing to judge in. */
export function renderUnread(uid: string): AdmissionReviewAnswer {
  return answer({ uid, allowed: true });
}

/** The denial of a review whose uid is known and whose rest could not be read, or not be judged. */
export function renderError(uid: string, error: CountersignError): AdmissionReviewAnswer {
  const { code, hint } = error;
  const text = cut(
    `countersign: ${messageInWords(error.message)} [${code}]${hintClause(hint)}`,
    LIMITS.denialMessageLength,
  );
  const kind = CODES[code].class;
  return answer({
    uid,
    allowed: false,
    status: kind === 'review' ? { code: 400, reason: 'BadRequest', message: text } : forbidden(text),
    auditAnnotations: {
      verdict: kind === 'rejected' || kind === 'review' ? 'rejected' : 'inconclusive',
      code,
      rule: '',
    },
  });
}

function answer(response: AdmissionReviewAnswer['response']): AdmissionReviewAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function forbidden(message: string) {
  return { code: 403, reason: 'Forbidden', message } as const;
}

function denialMessage(report: Report): string {
  const denied = report.images.filter((image) => image.decision === 'deny').map(denialOf);
  if (denied.length === 0) return 'countersign: denied';
  return withinTotal(denied, LIMITS.denialMessageLength - denied.length).join('\n');
}

function denialOf(image: ImageReport): string {
  const where = usesInWords(image);
  const which = [where, imageInWords(image)].filter((part) => part !== '').join(', ');
  const digest = image.digest === undefined || image.image.endsWith(image.digest) ? '' : ` (${image.digest})`;
  const rule = [image.code, ruleInWords(image)].filter((part) => part !== '').join(', ');
  const message = messageInWords(image.message);
  return `countersign: ${which}${digest}: ${message} [${rule}]${hintClause(image.hint)}`;
}

function warningsOf(report: Report): string[] {
  const warned = report.images.filter((image) => isLetThrough(image) && image.mode === 'warn');
  const lines = warned.map((image) =>
    cut(`countersign: would be denied: ${warningOf(image)}`, LIMITS.warningLength),
  );
  return withinTotal(lines, LIMITS.warningsLength);
}

/** The code first: what is behind it may be cut off. */
function warningOf(image: ImageReport): string {
  return `${image.code}: ${usesInWords(image)}: ${imageInWords(image)}: ${messageInWords(image.message)}`;
}

/** As many lines as fit; what is left out is counted in a last one. */
function withinTotal(lines: readonly string[], longest: number): string[] {
  const kept: string[] = [];
  let room = longest - 'countersign: and 1000 more'.length;
  for (const line of lines) {
    room -= line.length;
    if (room < 0) break;
    kept.push(line);
  }
  return [...kept, ...more(lines.length - kept.length).map((text) => `countersign: ${text}`)];
}

function auditOf(image: ImageReport): AuditAnnotations {
  const rule = plainText(decidingPolicy(image)?.rule ?? '', LIMITS.auditValueLength);
  return { verdict: image.verdict, code: image.code, rule };
}

function pinOperations({ image, pin, uses }: PinReport) {
  if (pin === undefined || pin === image) return [];
  return uses.map(({ path }) => ({ op: 'replace', path, value: pin }));
}

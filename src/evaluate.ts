// SPDX-License-Identifier: Apache-2.0
import { type AdmissionRequest, type Listing, listImages, parseAdmissionReview } from './admission/index.ts';
import { decideImage } from './decide.ts';
import { CountersignError } from './errors.ts';
import { basisOf } from './evaluation/basis.ts';
import { bringCredentials, bringerOf, explainRefusals } from './evaluation/bring-credentials.ts';
import type { Case } from './evaluation/case.ts';
import type { Call } from './evaluation/deadline.ts';
import { discoverCandidates } from './evaluation/discover-candidates.ts';
import { familyOf, forgetOldTemplate } from './evaluation/family.ts';
import { imageReport, unlistedReport } from './evaluation/image-report.ts';
import { matchRules } from './evaluation/match-rules.ts';
import { pinOf } from './evaluation/pin.ts';
import { isWorthAskingAgain, verifyCandidates } from './evaluation/prove.ts';
import { type AskedImage, type Deps, distinctImages, type Question } from './evaluation/question.ts';
import { resolveTag } from './evaluation/resolve-tag.ts';
import { findingWithoutRule } from './evaluation/rule-findings.ts';
import { startVisit, type Visit } from './evaluation/visit.ts';
import { startWatch, timed, type Watch } from './evaluation/watch.ts';
import { LIMITS } from './limits.ts';
import {
  type AdmissionReviewAnswer,
  type ImageReport,
  type PinReport,
  type Report,
  renderMutateAnswer,
  renderUnread,
  renderValidateAnswer,
  reportOf,
} from './report/index.ts';

export type { Call } from './evaluation/deadline.ts';
export {
  type AskedImage,
  type Deps,
  distinctImages,
  type Question,
  type Stage,
} from './evaluation/question.ts';

/** A judged AdmissionReview: what was asked, what was found, and the JSON that answers it. */
export type Judgement = {
  readonly request: AdmissionRequest;
  readonly listing: Listing;
  readonly report: Report;
  readonly answer: AdmissionReviewAnswer;
};

/** A patched AdmissionReview: which images get which digest, and the JSON that answers it. */
export type Mutation = {
  readonly request: AdmissionRequest;
  readonly pins: readonly PinReport[];
  readonly answer: AdmissionReviewAnswer;
};

const UNREAD: Listing = { uses: [], subject: 'none', mirror: false };

/**
 * Judges an AdmissionReview: all eight verbs. The one place that keeps an image out.
 *
 * @throws ReviewError REVIEW_MALFORMED for what is no AdmissionReview, and nothing else
 */
export async function validate(body: unknown, deps: Deps, call: Call): Promise<Judgement> {
  const request = await timed(deps, 'parse', () => parseAdmissionReview(body));
  const listing = await timed(deps, 'list', () => listOrError(request));
  if (listing instanceof Error) return judgedUnlisted(request, listing, deps, call);
  forgetOldTemplate(request, listing, deps.children, call);
  if (listing.uses.length === 0) {
    return { request, listing, report: reportOf([]), answer: renderUnread(request.uid) };
  }
  const question = questionOf(request, listing, deps, call);
  const report = await evaluate(question, deps, call);
  if (report.allowed) question.family?.leave();
  const answer = timed(deps, 'render', () => renderValidateAnswer(request, report));
  return { request, listing, report, answer };
}

/**
 * Answers an AdmissionReview with the digests to write in: parse, list, match, resolve. Never denies; what it
 * cannot resolve stays as it is, and {@link validate} says why.
 *
 * @throws ReviewError REVIEW_MALFORMED for what is no AdmissionReview, and nothing else
 */
export async function mutate(body: unknown, deps: Deps, call: Call): Promise<Mutation> {
  const request = await timed(deps, 'parse', () => parseAdmissionReview(body));
  const listing = await timed(deps, 'list', () => listOrError(request));
  if (listing instanceof Error || listing.mirror || listing.uses.length === 0) {
    return { request, pins: [], answer: renderUnread(request.uid) };
  }
  const question = questionOf(request, listing, deps, call);
  const visit = startVisit(call, question, deps);
  try {
    const pins = await each(question.images, (image) => pin(image, question, deps, visit));
    return { request, pins, answer: timed(deps, 'render', () => renderMutateAnswer(request, pins)) };
  } finally {
    visit.stop();
  }
}

/**
 * Judges images, side by side and under one deadline. What could not be found out is inconclusive in the report,
 * and denied; it never throws for that.
 *
 * @throws CountersignError USAGE for a question without images: an empty list must not come out as *allowed*
 */
export async function evaluate(question: Question, deps: Deps, call: Call): Promise<Report> {
  if (question.images.length === 0) throw new CountersignError('USAGE', 'no image was asked about');
  const visit = startVisit(call, question, deps);
  try {
    return reportOf(await each(question.images, (image) => judge(image, question, deps, visit)));
  } finally {
    visit.stop();
  }
}

/** Side by side; most objects have one image, and need no `Promise.all`. */
async function each<T>(images: readonly AskedImage[], work: (image: AskedImage) => Promise<T>): Promise<T[]> {
  const [only] = images;
  return only !== undefined && images.length === 1 ? [await work(only)] : Promise.all(images.map(work));
}

async function judge(asked: AskedImage, question: Question, deps: Deps, visit: Visit): Promise<ImageReport> {
  const watch = startWatch(deps, visit);
  const found = await find(asked.image, question, deps, watch).catch((error) => ({
    findings: [findingWithoutRule(error, question, deps)],
    outcomes: [],
  }));
  const decision = watch.stage('decide', () => decideImage(found.findings));
  question.family?.note(found, decision);
  return imageReport(asked, found, decision, watch);
}

/** match → resolve → discover → verify, for one image. */
async function find(image: string, question: Question, deps: Deps, watch: Watch): Promise<Case> {
  const { facts, policies } = deps;
  const { exchange, stage } = watch;
  const basis = basisOf(deps);
  const matched = await stage('match', () => matchRules(image, question, policies, basis.now));
  const { bring } = question;
  const unread = bring && matched.open.length > 0 ? await bringCredentials(bring, watch) : undefined;
  const resolved = await stage('resolve', () => resolveTag(matched, question, basis.now, facts, exchange));
  const known = await stage('discover', () => discoverCandidates(resolved, facts, exchange));
  const verified = await stage('verify', () => verifyCandidates(resolved, known, basis, exchange));
  if (!isWorthAskingAgain(known, verified)) return explainRefusals(verified, unread);

  const fresh = await stage('discover', () =>
    discoverCandidates(resolved, facts, exchange, LIMITS.recheckMs),
  );
  const again = await stage('verify', () => verifyCandidates(resolved, fresh, basis, exchange));
  return explainRefusals(again, unread);
}

async function pin(asked: AskedImage, question: Question, deps: Deps, visit: Visit): Promise<PinReport> {
  const watch = startWatch(deps, visit);
  // Safe to leave out: an image that is not pinned here is judged, and where need be denied, by validate.
  const pinned = await pinOf(asked.image, question, deps, watch).catch(() => undefined);
  return pinned === undefined ? asked : { ...asked, pin: pinned };
}

function questionOf(request: AdmissionRequest, listing: Listing, deps: Deps, call: Call): Question {
  const { namespace } = request;
  const family = familyOf(request, listing, deps.children, call);
  const bring = bringerOf(request, deps.pullSecrets, call);
  const namespaceLabels = deps.namespaceLabels?.(namespace);
  return {
    images: distinctImages(listing.uses),
    scope: { namespace, ...(namespaceLabels === undefined ? {} : { namespaceLabels }) },
    subject: listing.subject,
    ...(listing.mirror ? { modes: 'reported' as const } : {}),
    checkPins: true,
    ...(family && { family }),
    ...(bring && { bring }),
  };
}

function listOrError(request: AdmissionRequest): Listing | Error {
  try {
    return listImages(request);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** An object whose images cannot be listed is judged as a whole, in the mode of its namespace. */
function judgedUnlisted(request: AdmissionRequest, error: Error, deps: Deps, call: Call): Judgement {
  const question = questionOf(request, UNREAD, deps, call);
  const report = reportOf([unlistedReport(decideImage([findingWithoutRule(error, question, deps)]))]);
  return { request, listing: UNREAD, report, answer: renderValidateAnswer(request, report) };
}

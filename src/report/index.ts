// SPDX-License-Identifier: Apache-2.0
export { exitCode } from './exit-code.ts';
export { plainText } from './plain-text.ts';
export { renderJson, reportJson } from './render-json.ts';
export {
  type AdmissionReviewAnswer,
  renderError,
  renderMutateAnswer,
  renderUnread,
  renderValidateAnswer,
} from './render-review.ts';
export { renderText, type TextOptions } from './render-text.ts';
export {
  type ImageReport,
  isAllowed,
  type PinReport,
  type PolicyReport,
  type Report,
  type ReportUse,
  reportOf,
} from './report.ts';
export { summaryLine } from './summary-line.ts';

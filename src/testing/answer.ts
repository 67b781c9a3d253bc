// SPDX-License-Identifier: Apache-2.0

/** What the registry says to one request, before any fault touches it. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** The error codes of distribution-spec 1.1, "Error Codes". */
export type ErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS';

type Headers = Readonly<Record<string, string>>;

export function answerBytes(status: number, body: Uint8Array, headers: Headers): Answer {
  return { status, headers, body };
}

export function answerEmpty(status: number, headers: Headers = {}): Answer {
  return { status, headers, body: new Uint8Array() };
}

export function answerJson(status: number, value: unknown, headers: Headers = {}): Answer {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

/** An error in the form of distribution-spec 1.1: `{"errors":[{code, message, detail}]}`. */
export function answerError(status: number, code: ErrorCode, message: string, headers: Headers = {}): Answer {
  return answerJson(status, { errors: [{ code, message, detail: null }] }, headers);
}

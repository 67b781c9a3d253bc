// SPDX-License-Identifier: Apache-2.0

/**
 * What a code says about the question "may this image run?".
 *
 * - `verified`, `exempt`: yes
 * - `rejected`: the evidence says no
 * - `inconclusive`: could not tell (registry down, deadline passed, limit hit); denied all the same
 * - `review`: an AdmissionReview that cannot be read
 * - `usage`: a command, policy or configuration that is wrong; ends the process at start, never a request
 */
export type CodeClass = 'verified' | 'exempt' | 'rejected' | 'inconclusive' | 'review' | 'usage';

type CodeEntry = { readonly class: CodeClass; readonly meaning: string; readonly hint: string };

/** Every code there is. Callers branch on the code, never on message text. */
export const CODES = {
  // --- yes
  VERIFIED: {
    class: 'verified',
    meaning: 'The signatures that the policy asks for were found and hold.',
    hint: '',
  },
  EXEMPT: {
    class: 'exempt',
    meaning: 'A rule of the policy lets this image in unverified, with a reason and a date.',
    hint: 'list every exemption with: countersign policy lint --policy FILE',
  },

  // --- image references
  REFERENCE_INVALID: {
    class: 'rejected',
    meaning: 'The image reference does not follow the grammar of the distribution specification.',
    hint: 'write it as REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:HEX',
  },
  DIGEST_INVALID: {
    class: 'rejected',
    meaning: 'A digest is not sha256 or sha512 followed by the right number of lower-case hex digits.',
    hint: 'copy the digest from the registry: sha256: and 64 hex digits',
  },

  // --- policy, at match and decide
  NO_RULE: {
    class: 'rejected',
    meaning: 'No rule of any policy matches the image, and what no rule names does not get in.',
    hint: 'see which rule would match with: countersign policy explain IMAGE --policy FILE',
  },
  EXEMPTION_EXPIRED: {
    class: 'rejected',
    meaning: 'The rule that let this image in unverified has passed its until date.',
    hint: 'sign the image, or renew the until date of the rule',
  },
  TAG_FORBIDDEN: {
    class: 'rejected',
    meaning: 'The rule says tags: forbid and the reference has no digest.',
    hint: 'name the image by digest: REPOSITORY@sha256:HEX',
  },
  NOT_PINNED: {
    class: 'rejected',
    meaning:
      'The rule pins images, and this Pod names a tag only: what runs could differ from what was verified.',
    hint: 'check that the mutating webhook is installed and reachable, or name the image by digest',
  },
  TAG_DIGEST_MISMATCH: {
    class: 'rejected',
    meaning:
      'The reference has a tag and a digest, a rule matches the tag, and the tag does not give that digest.',
    hint: 'drop the tag, or name the digest that the tag has now',
  },
  NAMESPACE_LABELS_UNKNOWN: {
    class: 'inconclusive',
    meaning: 'A rule selects by labels of the Namespace and nobody could say what they are.',
    hint: 'pass --namespace-labels, or select by namespaces',
  },
  THRESHOLD_NOT_MET: {
    class: 'rejected',
    meaning:
      'Some of the signers that the rule asks for have signed, but not enough of them, or one key under two names.',
    hint: 'have the missing signers sign the digest',
  },
  TOO_MANY_COMBINATIONS: {
    class: 'inconclusive',
    meaning: 'The nested thresholds of a requirement have too many combinations to decide within bounds.',
    hint: 'write the requirement with less nesting',
  },

  // --- verification
  UNSIGNED: {
    class: 'rejected',
    meaning: 'Both signature stores were read and neither holds a signature for this digest.',
    hint: 'sign it: cosign sign --key KEY IMAGE@DIGEST',
  },
  NO_PLATFORM: {
    class: 'rejected',
    meaning: 'The rule says platforms: every, and the index holds no image that could be verified.',
    hint: 'push an index with images of named platforms',
  },
  NOT_A_SIGNATURE: {
    class: 'rejected',
    meaning: 'What was found is an attestation, or of another type, and never counts as a signature.',
    hint: 'sign the image itself: cosign sign --key KEY IMAGE@DIGEST',
  },
  SIGNATURE_INVALID: {
    class: 'rejected',
    meaning: 'The signature was not made with this key over this content.',
    hint: 'check that the policy names the key that signed: cosign verify --key KEY IMAGE',
  },
  SIGNATURE_MALFORMED: {
    class: 'rejected',
    meaning: 'The signature is missing, not base64, or not of the form its algorithm has.',
    hint: 'sign the image again',
  },
  PAYLOAD_MALFORMED: {
    class: 'rejected',
    meaning: 'What was signed is not a simple-signing payload or an in-toto statement that can be read.',
    hint: 'sign the image again with a current cosign',
  },
  PAYLOAD_TYPE_WRONG: {
    class: 'rejected',
    meaning: 'The signed payload is not of the type "cosign container image signature".',
    hint: 'sign the image with: cosign sign',
  },
  PAYLOAD_DIGEST_MISMATCH: {
    class: 'rejected',
    meaning: 'The signature is for another digest than the image that would run.',
    hint: 'sign this digest: cosign sign --key KEY IMAGE@DIGEST',
  },
  IDENTITY_MISMATCH: {
    class: 'rejected',
    meaning:
      'The signed payload names another repository, and the signer demands signedIdentity: repository.',
    hint: 'sign the image in the repository where it is run from',
  },
  ANNOTATION_MISMATCH: {
    class: 'rejected',
    meaning: 'The signature lacks an annotation that the signer demands, or has another value.',
    hint: 'sign again with: cosign sign -a NAME=VALUE',
  },
  KEY_NOT_YET_VALID: {
    class: 'rejected',
    meaning: 'The key that made the signature is trusted only from its notBefore on.',
    hint: 'see the key window in the policy',
  },
  KEY_EXPIRED: {
    class: 'rejected',
    meaning: 'The key that made the signature is trusted only until its notAfter.',
    hint: 'sign the image again with a current key',
  },
  BUNDLE_MALFORMED: {
    class: 'rejected',
    meaning: 'The Sigstore bundle cannot be read: not JSON, unknown or missing fields, or out of its bounds.',
    hint: 'sign the image again with a current cosign',
  },
  BUNDLE_VERSION_UNSUPPORTED: {
    class: 'rejected',
    meaning: 'The Sigstore bundle has a media type other than version 0.1 to 0.3.',
    hint: 'sign the image with a tool that writes bundles v0.3',
  },
  BUNDLE_CERTIFICATE: {
    class: 'rejected',
    meaning: 'The bundle was signed with a certificate, and the policy trusts keys.',
    hint: 'sign the image with the key: cosign sign --key KEY IMAGE@DIGEST',
  },
  CERTIFICATE_KEY_MISMATCH: {
    class: 'rejected',
    meaning: 'The signature carries a certificate whose public key is not the key of the policy.',
    hint: 'sign the image with the key of the policy, without a certificate',
  },
  ALGORITHM_UNSUPPORTED: {
    class: 'rejected',
    meaning: 'The signature needs an algorithm that does not fit the key of the policy.',
    hint: 'see the table of algorithms in docs/reference/policy.md',
  },

  // --- the registry, and the road to it
  IMAGE_NOT_FOUND: {
    class: 'rejected',
    meaning: 'The registry answered that it has no such image or tag.',
    hint: 'check the name with: crane digest IMAGE',
  },
  BLOB_NOT_FOUND: {
    class: 'inconclusive',
    meaning: 'The registry lists content that it does not have.',
    hint: 'sign or push the image again',
  },
  REGISTRY_UNAUTHORIZED: {
    class: 'inconclusive',
    meaning: 'The registry refused the credentials, or wants some.',
    hint: 'log in with: docker login REGISTRY',
  },
  REGISTRY_UNREACHABLE: {
    class: 'inconclusive',
    meaning: 'No connection to the registry: name, address, port or TLS failed.',
    hint: 'check name, network and certificate: curl -v https://REGISTRY/v2/',
  },
  PROXY_UNREACHABLE: {
    class: 'inconclusive',
    meaning: 'No connection to the proxy that HTTPS_PROXY or HTTP_PROXY names, or no answer of it.',
    hint: 'check name, port and certificate of the proxy; what is reached without it goes into NO_PROXY',
  },
  PROXY_REFUSED: {
    class: 'inconclusive',
    meaning: 'The proxy does not connect to the registry: it wants other credentials, forbids it, or fails.',
    hint: 'try it: curl -vx PROXY https://REGISTRY/v2/; what is reached without it goes into NO_PROXY',
  },
  REGISTRY_ERROR: {
    class: 'inconclusive',
    meaning:
      'The registry answered with an error of its own (5xx), or in a way the specification does not know.',
    hint: 'try again, and look at the logs of the registry',
  },
  REGISTRY_RATE_LIMITED: {
    class: 'inconclusive',
    meaning: 'The registry answered 429, and the deadline leaves no time to wait.',
    hint: 'log in for a higher limit, or run a mirror',
  },
  RESPONSE_MALFORMED: {
    class: 'inconclusive',
    meaning:
      'An answer of the registry is not what was asked for: HTML, broken JSON, a manifest that is none.',
    hint: 'look at what answers there: curl -v https://REGISTRY/v2/',
  },
  DIGEST_MISMATCH: {
    class: 'inconclusive',
    meaning: 'The bytes that the registry sent do not have the digest or size that was asked for.',
    hint: 'the registry or something before it alters or cuts content: push the image again',
  },
  ADDRESS_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'A host name leads to a loopback, link-local or metadata address that the Config does not name.',
    hint: 'name the host under registries: in the Config if it is meant',
  },
  PLAIN_HTTP_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The registry would be asked without TLS, and the Config does not allow it for this host.',
    hint: 'set unsafePlainHttp: true for the host in the Config',
  },
  REDIRECT_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The registry redirects from https to http, in a circle, or too often.',
    hint: 'look at where it leads: curl -vL URL',
  },
  TOKEN_REALM_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The registry asks to send credentials to a token server on another host.',
    hint: 'name the host as tokenServer of this registry in the Config if it is meant',
  },
  DEADLINE_EXCEEDED: {
    class: 'inconclusive',
    meaning: 'The time of the request was over before there was an answer.',
    hint: 'raise timeoutSeconds of the webhook (of a command: --timeout), or look at what is slow: registryRequests and durationMs in the report',
  },
  CANCELLED: {
    class: 'inconclusive',
    meaning: 'The caller went away before there was an answer.',
    hint: 'ask again',
  },
  OVERLOADED: {
    class: 'inconclusive',
    meaning:
      'Too many reviews wait for registries already, in all or of this namespace; this one was answered at once.',
    hint: 'try again in a moment; where it stays, a registry of these images is slow or down, or the server needs more replicas',
  },
  LIMIT_EXCEEDED: {
    class: 'inconclusive',
    meaning: 'Something is larger or more than the table of limits allows.',
    hint: 'see docs/reference/limits.md for the limits',
  },
  INTERNAL_ERROR: {
    class: 'inconclusive',
    meaning: 'A defect of Countersign. The image is denied.',
    hint: 'report it with the log line of this request',
  },

  // --- the API server
  KUBERNETES_UNREACHABLE: {
    class: 'inconclusive',
    meaning: 'The API server cannot be reached, or its certificate is not trusted.',
    hint: 'check the network and the CA; in a Pod, that its ServiceAccount has its token mounted',
  },
  KUBERNETES_FORBIDDEN: {
    class: 'inconclusive',
    meaning: 'The API server refused who asked (401), or what was asked (403).',
    hint: 'see what is allowed with kubectl auth can-i, and give the missing verb in a Role or ClusterRole',
  },
  KUBERNETES_CONFLICT: {
    class: 'inconclusive',
    meaning: 'An object in the cluster was changed, made or deleted by someone else in the meantime.',
    hint: 'nothing: it is read again and tried again',
  },
  KUBERNETES_ERROR: {
    class: 'inconclusive',
    meaning: 'The API server answered with an error, or with something that it should not answer.',
    hint: 'see the HTTP status in the message, and the log of the API server',
  },

  // --- AdmissionReviews
  REVIEW_MALFORMED: {
    class: 'review',
    meaning: 'The body is not an AdmissionReview of admission.k8s.io/v1 with a request and a uid.',
    hint: 'send what a kube-apiserver sends',
  },
  REVIEW_TOO_LARGE: {
    class: 'review',
    meaning: 'The body is larger, nested deeper or of more values than any that an API server sends.',
    hint: 'the limits are 8 MiB, 128 levels and 400,000 values',
  },
  OBJECT_MALFORMED: {
    class: 'rejected',
    meaning: 'The object in the review is not of the shape its kind has, so its images cannot be listed.',
    hint: 'send an object that the API server accepts',
  },
  IMAGE_EMPTY: {
    class: 'rejected',
    meaning: 'A container of a Pod has no image.',
    hint: 'give the container an image',
  },

  // --- usage: policy, configuration, command line
  USAGE: {
    class: 'usage',
    meaning: 'The command line is wrong.',
    hint: 'see: countersign --help',
  },
  POLICY_INVALID: {
    class: 'usage',
    meaning: 'The policy document has errors; all of them are listed.',
    hint: 'see docs/reference/policy.md, or: countersign policy schema',
  },
  CONFIG_INVALID: {
    class: 'usage',
    meaning: 'The Config document has errors; all of them are listed.',
    hint: 'see docs/reference/config.md',
  },
  PROXY_INVALID: {
    class: 'usage',
    meaning: 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy.',
    hint: 'write it as http://HOST:PORT, with USER:PASSWORD@ before the host if the proxy wants them',
  },
  FILE_UNREADABLE: {
    class: 'usage',
    meaning: 'A file that was named cannot be read.',
    hint: 'check path and permissions',
  },
  KEY_INVALID: {
    class: 'usage',
    meaning: 'What should be a public key is not a PEM key of a kind that is supported.',
    hint: 'supported: ECDSA P-256/384/521, RSA 2048-4096, Ed25519, as PEM "PUBLIC KEY"',
  },
  KUBECONFIG_INVALID: {
    class: 'usage',
    meaning: 'The kubeconfig file, or the mounted ServiceAccount, does not say how to reach an API server.',
    hint: 'check it with: kubectl --kubeconfig FILE config view --minify',
  },
  KUBECONFIG_UNSUPPORTED: {
    class: 'usage',
    meaning:
      'The kubeconfig file asks for a way of access that Countersign does not use: helper programs, passwords, impersonation, or TLS without a check.',
    hint: 'use a token, a tokenFile or a client certificate, and the CA of the cluster',
  },
  LISTEN_FAILED: {
    class: 'usage',
    meaning:
      'A listener could not bind its address, or the certificate or the client authorities cannot be used.',
    hint: 'check --listen, --probe-listen, --tls-cert, --tls-key and --client-ca',
  },
  MANIFEST_INVALID: {
    class: 'usage',
    meaning: 'A file given to check is not YAML or JSON with Kubernetes objects.',
    hint: 'render it first: helm template CHART (or kubectl kustomize DIR) | countersign check - --policy FILE',
  },
} as const satisfies Record<string, CodeEntry>;

/** A stable code; `docs/reference/errors.md` has a heading for each. */
export type Code = keyof typeof CODES;

/**
 * The one error class. Everything thrown on purpose is one, so that a code never gets lost.
 * `message` says what was found and what was wanted; it never holds a secret.
 */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** What to do about it: the catalogue's hint for the code. */
  get hint(): string {
    return CODES[this.code].hint;
  }
}

/** Thrown inside `verify/` when the evidence says no; it becomes a rejected outcome at the folder's edge. */
export class VerificationError extends CountersignError {
  override readonly name = 'VerificationError';
}

/** The error as a {@link CountersignError}: itself, or INTERNAL_ERROR with the original as its cause. */
export function asCountersignError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new CountersignError('INTERNAL_ERROR', text, { cause: error });
}

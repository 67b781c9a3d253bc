// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { LIMITS } from '../limits.ts';
import { suggest } from './suggest.ts';

/** The names that `cosign attest --type` has for predicate types. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  slsaprovenance: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance02: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance1: 'https://slsa.dev/provenance/v1',
  spdx: 'https://spdx.dev/Document',
  spdxjson: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  link: 'https://in-toto.io/Link/v1',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  openvex: 'https://openvex.dev/ns',
  custom: 'https://cosign.sigstore.dev/attestation/v1',
};

/** What a signature of cosign 3 has in place of a type of attestation. */
const SIGNATURE_TYPE = 'https://sigstore.dev/cosign/sign/v1';

/** A URI with its scheme (RFC 3986, section 3); what stands after it is compared, not understood. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;

/** The predicate type that a policy means: the URI, or what a short name of cosign stands for. */
export function predicateTypeOf(written: string): string {
  return Object.hasOwn(SHORT_NAMES, written) ? (SHORT_NAMES[written] ?? written) : written;
}

/** Why a text is not the type of an attestation; `undefined` where it is. */
export function problemWithPredicateType(written: string): string | undefined {
  const type = predicateTypeOf(written);
  if (type.length > LIMITS.predicateTypeLength) {
    return `longer than ${LIMITS.predicateTypeLength} characters`;
  }
  if (!URI.test(type)) {
    return `neither a URI such as https://slsa.dev/provenance/v1 nor a name that cosign has ${suggest(written, Object.keys(SHORT_NAMES))}`;
  }
  return type === SIGNATURE_TYPE
    ? `${quote(type)} is the type of signatures, which require asks for: an attestation never counts as one, nor one as an attestation`
    : undefined;
}

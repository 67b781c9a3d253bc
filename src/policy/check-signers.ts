// SPDX-License-Identifier: Apache-2.0
import { quote } from '../image/quote.ts';
import { claimNamed } from './claim-names.ts';
import type { Path } from './issue.ts';
import { isGithubIssuer, parseIssuer } from './issuer.ts';
import { hasKey, isMapping, pairsOf, textAt, valueAt } from './raw.ts';
import { parseRegexp } from './regexp.ts';
import type { Problem } from './schema-problem.ts';

/** How the parts of each signer go together, of a document that need not be checked yet. */
export function checkSigners(document: unknown): Problem[] {
  return pairsOf(valueAt(document, 'signers')).flatMap(([name, signer]) =>
    isMapping(signer) ? checkSigner(signer, ['signers', name]) : [],
  );
}

function checkSigner(signer: unknown, path: Path): Problem[] {
  const keyless = valueAt(signer, 'keyless');
  return [
    ...checkOneOf(signer, path, ['key', 'keyless'], 'a signer'),
    ...(hasKey(signer, 'keyless') ? checkTime(signer, path) : checkKeyDemands(signer, path)),
    ...(isMapping(keyless) ? checkIdentity(keyless, [...path, 'keyless']) : []),
  ];
}

function checkOneOf(value: unknown, path: Path, keys: readonly string[], what: string): Problem[] {
  const [first, second] = keys.filter((key) => hasKey(value, key));
  if (first === undefined) return [{ path, message: `${what} needs ${keys.join(', or ')}` }];
  if (second === undefined) return [];
  return [at(path, second, `${what} has one of ${keys.join(', ')}: ${first} is there already`)];
}

/** A key is no certificate: what is demanded of one would be believed to be checked. */
function checkKeyDemands(signer: unknown, path: Path): Problem[] {
  return ['scts', 'unsafeNoTime']
    .filter((key) => hasKey(signer, key))
    .map((key) => at(path, key, `${key} does nothing beside key: it is about certificates`));
}

/** A certificate lives for minutes, so something must prove that it signed while it did. */
function checkTime(signer: unknown, path: Path): Problem[] {
  const isTimeless = valueAt(signer, 'log') === 'none' && !(Number(valueAt(signer, 'timestamps') ?? 0) > 0);
  const isSaid = hasKey(signer, 'unsafeNoTime');
  if (isTimeless === isSaid) return [];
  if (isSaid) {
    const message = 'unsafeNoTime does nothing: a log entry or timestamp is demanded, which proves the time';
    return [at(path, 'unsafeNoTime', message)];
  }
  const message =
    'log: none without timestamps leaves nothing that proves when the certificate signed ' +
    '(allowed: timestamps: 1 or more beside it, or unsafeNoTime: true)';
  return [at(path, 'log', message)];
}

function checkIdentity(keyless: unknown, path: Path): Problem[] {
  return [
    ...checkOneOf(keyless, path, ['issuer', 'issuerRegexp'], 'keyless'),
    ...checkOneOf(keyless, path, ['subject', 'subjectRegexp', 'unsafeAnySubject'], 'keyless'),
    ...['claims', 'claimsRegexp'].flatMap((key) => checkClaims(valueAt(keyless, key), [...path, key])),
    ...checkAnyCaller(keyless, path),
  ];
}

function checkClaims(claims: unknown, path: Path): Problem[] {
  if (isMapping(claims) && Object.keys(claims).length === 0) {
    return [{ path, message: 'empty; name a claim and its value' }];
  }
  const first = new Map<string, string>();
  return pairsOf(claims).flatMap(([written]) => {
    const name = claimNamed(written);
    if (name === undefined) return [];
    const before = first.get(name);
    first.set(name, written);
    return before === undefined ? [] : [at(path, written, `the same claim as ${quote(before)}`)];
  });
}

function checkAnyCaller(keyless: unknown, path: Path): Problem[] {
  if (!hasKey(keyless, 'unsafeAnyCaller') || mayBeGithub(keyless)) return [];
  const message = 'unsafeAnyCaller does nothing: the issuer is not the one of GitHub Actions';
  return [at(path, 'unsafeAnyCaller', message)];
}

/** An issuer that is missing or wrong has its own problem. */
function mayBeGithub(keyless: unknown): boolean {
  const [issuer, regexp] = [textAt(keyless, 'issuer'), textAt(keyless, 'issuerRegexp')];
  try {
    if (issuer !== undefined) return isGithubIssuer(parseIssuer(issuer));
    return regexp === undefined || isGithubIssuer(parseRegexp(regexp));
  } catch {
    return true;
  }
}

function at(path: Path, key: string, message: string): Problem {
  return { path: [...path, key], target: 'key', message };
}

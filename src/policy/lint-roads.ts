// SPDX-License-Identifier: Apache-2.0
import type { CompiledPolicy, Exemption, Mode, Rule } from './compiled-policy.ts';
import type { FindingAt } from './finding.ts';
import { daysBetween, lastDayBefore } from './time.ts';

const SOON_DAYS = 30;

/** Every road in for what is not verified: `allow`, modes other than enforce, `unsafe…` keys. */
export function lintRoadsIn(policy: CompiledPolicy, now: number): FindingAt[] {
  return [
    ...policy.rules.flatMap((rule, index) => lintRule(rule, `rules[${index}]`, now)),
    ...lintModes(policy),
  ];
}

function lintRule(rule: Rule, path: string, now: number): FindingAt[] {
  const findings: FindingAt[] = [];
  if (rule.allow !== undefined) findings.push(...lintAllow(rule, rule.allow, `${path}.allow`, now));
  if (rule.mode !== undefined && rule.mode !== 'enforce') {
    findings.push({
      level: 'road-in',
      path: `${path}.mode`,
      message: `rule ${rule.name}: ${effectOf(rule.mode)}`,
    });
  }
  if (rule.pin === 'never') {
    const message = `rule ${rule.name}: unsafePin: never, so what runs may differ from what was verified`;
    findings.push({ level: 'road-in', path: `${path}.unsafePin`, message });
  }
  return findings;
}

function lintAllow(rule: Rule, allow: Exemption, path: string, now: number): FindingAt[] {
  // What has ended lets nothing in any more.
  if (allow.until !== 'never' && now >= allow.until) return lintUntil(rule, allow, path, now);
  const images = rule.images.map((pattern) => pattern.text).join(', ');
  const until = allow.until === 'never' ? 'until: never' : `through ${lastDayBefore(allow.until)}`;
  const message = `rule ${rule.name} lets in ${images} unverified, ${until}: ${allow.reason}`;
  return [{ level: 'road-in', path, message }, ...lintUntil(rule, allow, path, now)];
}

function lintUntil(rule: Rule, { until }: Exemption, path: string, now: number): FindingAt[] {
  if (until === 'never') return [];
  const day = lastDayBefore(until);
  if (now >= until) {
    const message = `rule ${rule.name}: the exemption ended with ${day}; what it matches is denied`;
    return [{ level: 'warning', path, message }];
  }
  const days = daysBetween(now, until);
  if (days > SOON_DAYS) return [];
  const when = ['today', 'tomorrow'][days - 1] ?? `with ${day}, in ${days - 1} days`;
  return [{ level: 'warning', path, message: `rule ${rule.name}: the exemption ends ${when}` }];
}

function lintModes(policy: CompiledPolicy): FindingAt[] {
  return policy.modes.flatMap((entry, index) => {
    if (entry.mode === 'enforce') return [];
    const message = `namespaces ${entry.namespaces.join(', ')}: ${effectOf(entry.mode)}`;
    return [{ level: 'road-in', path: `modes[${index}]`, message }];
  });
}

function effectOf(mode: Mode): string {
  return mode === 'warn'
    ? 'mode warn lets in what is not verified, with a warning'
    : 'mode audit lets in what is not verified, in silence';
}

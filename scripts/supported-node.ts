// SPDX-License-Identifier: Apache-2.0

/**
 * Whether a Node of this version is in the range of package.json: `^1.2.3` and `>=4`, joined by `||`.
 * Stands in the bundle as its own text, so it needs nothing around it and runs on any Node.
 */
export function isSupportedNode(version: string, range: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  return range.split('||').some((entry) => {
    const [atMajor = 0, atMinor = 0, atPatch = 0] = numbers(entry);
    if (major !== atMajor) return entry.trim().startsWith('>=') && major > atMajor;
    return minor > atMinor || (minor === atMinor && patch >= atPatch);
  });
}

/** The first statements of the command: a Node that is too old is told so, before anything that it lacks is used. */
export function nodeGate(range: string): string {
  const told = `, wanted ${range}: install a Node.js of these versions, or put it first on the PATH\n`;
  return `${isSupportedNode}
if (!isSupportedNode(process.versions.node, ${JSON.stringify(range)})) {
  process.stderr.write('countersign: found Node.js ' + process.versions.node + ${JSON.stringify(told)});
  process.exit(2);
}`;
}

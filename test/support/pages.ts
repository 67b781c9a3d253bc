// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The root of the checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** A Markdown page, by its path in the checkout. */
export type Page = { readonly name: string; readonly text: string };

/** Every page of the project. */
export function pages(): Page[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const below = ['docs', 'examples', 'bench'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  return [...top, ...below].sort().map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));
}

/** A fenced block: what stands behind the fence, its text, and the line that it begins on. */
export type Block = { readonly info: string; readonly body: string; readonly line: number };

const BLOCK = /^( *)```([^\n`]*)\n([\s\S]*?)^\1```$/gm;

/** The fenced blocks of a page; those of a list without its indentation. */
export function blocksOf(text: string): Block[] {
  return [...text.matchAll(BLOCK)].map((found) => ({
    info: (found[2] ?? '').trim(),
    body: (found[3] ?? '').replaceAll(new RegExp(`^${found[1] ?? ''}`, 'gm'), ''),
    line: text.slice(0, found.index).split('\n').length,
  }));
}

/** The words behind `countersign` of every command in a page: in blocks for a shell, and in code spans. */
export function commandsIn(text: string): string[][] {
  const blocks = blocksOf(text).filter(({ info }) => ['', 'console', 'sh'].includes(info.replace(/ .*/, '')));
  const lines = blocks.flatMap(({ body }) => body.replaceAll(/\\\n\s*/g, '').split('\n'));
  const prose = text.replaceAll(BLOCK, '');
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const start = /^(?:.*\| |\$ )?(?:npm run -s countersign -- |countersign )(.*)$/;
  return [...lines, ...spans].flatMap((line) => {
    const words = start.exec(line.trim())?.[1]?.replace(/\s[#|>].*$/, '');
    return words === undefined ? [] : [words.replaceAll(/[[\]]/g, '').split(/\s+/).filter(Boolean)];
  });
}

/** The relative links of a page. */
export function linksIn(text: string): string[] {
  const prose = text.replaceAll(BLOCK, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** What a link to a heading of the page may say behind `#`. */
export function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

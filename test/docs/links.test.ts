import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { anchorsOf, codeWordsOf, commandLinesOf, linksOf, markdownFiles } from './markdown';

/** Decisions are history: they name files as these were called then. */
const PAGES = markdownFiles().filter((path) => !path.startsWith(join('docs', 'decisions')));

const PARTNER_FOLDERS = ['tradevest', 'coinify', 'bitpanda'];

function isResolved(path: string): boolean {
  const paths = /<(?:p|partner)>/.test(path)
    ? PARTNER_FOLDERS.map((name) => path.replace(/<(?:p|partner)>/g, name))
    : [path];
  return paths.every((one) => existsSync(one));
}

test('every link in a Markdown file leads to a file, and to a heading where it names one', () => {
  const broken = markdownFiles().flatMap((page) =>
    linksOf(page)
      .filter(({ file, anchor }) => !existsSync(file) || (anchor !== null && !anchorsOf(file).has(anchor)))
      .map(({ file, anchor }) => `${page}: ${file}${anchor === null ? '' : `#${anchor}`}`),
  );
  expect(broken).toEqual([]);
});

test('every path of the tree that a page names is there', () => {
  const rooted = /^(?:src|workflows|activities|test|docs|operations|bench|chaos|\.ci)\/[^\s*…]*$/;
  const missing = PAGES.flatMap((page) =>
    codeWordsOf(page)
      .filter((word) => rooted.test(word) && !/<(?!p>|partner>)/.test(word))
      .filter((word) => !isResolved(word.split('#')[0] ?? ''))
      .map((word) => `${page}: ${word}`),
  );
  expect(missing).toEqual([]);
});

test('every script that a page tells to run is in package.json', () => {
  const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(readFileSync('package.json', 'utf8'));
  const unknown = PAGES.flatMap((page) =>
    [...codeWordsOf(page), ...commandLinesOf(page)]
      .flatMap((text) => Array.from(text.matchAll(/npm run (?:--silent )?([\w:-]+)/g), ([, name = '']) => name))
      .filter((name) => scripts[name] === undefined)
      .map((name) => `${page}: ${name}`),
  );
  expect(unknown).toEqual([]);
});

test('the table of contents names every page of docs', () => {
  const named = new Set(linksOf(join('docs', 'README.md')).map(({ file }) => file));
  const pages = readdirSync('docs')
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => join('docs', name));
  expect(pages.filter((page) => !named.has(page))).toEqual([]);
});

test.each([
  ['README.md', 130],
  ['CONTRIBUTING.md', 80],
])('%s has at most %i lines', (page, limit) => {
  expect(readFileSync(page, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(limit);
});

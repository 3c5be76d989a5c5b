import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage', '.partnerflow']);

/** Every Markdown file of the repository, as a path from its root. */
export function markdownFiles(folder = '.'): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const FENCE = /^ *```[^\n]*\n[\s\S]*?^ *```$/gm;

function proseOf(path: string): string {
  return readFileSync(path, 'utf8').replace(FENCE, '');
}

/** The anchors of a page's headings, as GitHub writes them: a repeated heading is numbered. */
export function anchorsOf(path: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = Array.from(proseOf(path).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${String(before)}`;
  });
  return new Set(anchors);
}

/** A link inside the repository: the file it names, from the root, and the heading, if it names one. */
export interface Link {
  readonly file: string;
  readonly anchor: string | null;
}

const TARGET = /\]\(([^)\s]+)(?: "[^"]*")?\)|\b(?:src|srcset|href)="([^"]+)"/g;

/** The links of a page that stay inside the repository, pictures among them. */
export function linksOf(path: string): readonly Link[] {
  const prose = proseOf(path).replace(/`[^`\n]+`/g, '');
  return Array.from(prose.matchAll(TARGET), ([, inText, inTag]) => inText ?? inTag ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [name = '', anchor] = target.split('#');
      return { file: name === '' ? path : normalize(join(dirname(path), name)), anchor: anchor ?? null };
    });
}

/** The words between backquotes in a page's prose. */
export function codeWordsOf(path: string): readonly string[] {
  return Array.from(proseOf(path).matchAll(/`([^`\n]+)`/g), ([, word = '']) => word);
}

/** The lines of a page's blocks of commands. */
export function commandLinesOf(path: string): readonly string[] {
  return Array.from(readFileSync(path, 'utf8').matchAll(FENCE), ([block]) => block)
    .filter((block) => /^ *```(sh|practice)\n/.test(block))
    .flatMap((block) => block.split('\n').slice(1, -1));
}

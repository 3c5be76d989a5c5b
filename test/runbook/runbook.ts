import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As it is written, with `X` for each word between angle brackets that a reader fills in. */
const TEXT = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
const FILLED_IN = TEXT.replace(/<[^>\n]*>/g, 'X');

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** The fenced blocks with the given tag, in their order, as they are written. */
export function blocks(tag: string): readonly string[] {
  return Array.from(TEXT.matchAll(BLOCK))
    .filter(([, found]) => found === tag)
    .map(([, , content = '']) => content.trim());
}

const PROSE = FILLED_IN.replace(BLOCK, '');

/** Headings as links name them. */
export const anchors: readonly string[] = Array.from(PROSE.matchAll(/^#+ (.*)$/gm), ([, title = '']) =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-'),
);

/** The places inside the runbook that it links to. */
export const linkedAnchors: readonly string[] = Array.from(PROSE.matchAll(/\]\(#([\w-]+)\)/g), ([, name = '']) => name);

/** What stands between backquotes in the prose: words of ours that have an entry. */
export const codeWords: readonly string[] = Array.from(PROSE.matchAll(/`([^`]+)`/g), ([, word = '']) => word);

/** Everything that begins with `partnerflow` and is meant to be typed, in its words, quotes taken off. */
export function commandLines(): readonly (readonly string[])[] {
  const typed = ['sh', 'practice']
    .flatMap((tag) => blocks(tag))
    .join('\n')
    .replace(/<[^>\n]*>/g, 'X');
  const inBlocks = Array.from(typed.matchAll(/(?<![./])partnerflow [^|;#\n]+/g), ([found]) => found);
  const inProse = codeWords.filter((word) => word.startsWith('partnerflow '));
  return [...inBlocks, ...inProse].map((line) =>
    Array.from(line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g), ([word]) => word.replace(/["']/g, '')),
  );
}

/** A call of the operations API as the runbook writes it. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  /** Fields of its body. */
  readonly body: readonly string[];
}

/** Every call named anywhere, in blocks and in the prose. */
export function apiCalls(): readonly ApiCall[] {
  const calls = FILLED_IN.matchAll(/(GET|POST) (\/operations\/[^\s`?]*)(?:\?([^\s`]*))?(?: (\{[^}\n]*\}))?/g);
  return Array.from(calls, ([, method = '', path = '', query = '', json = '{}']) => {
    const body: Readonly<Record<string, unknown>> = JSON.parse(json);
    const named = query === '' ? [] : query.split('&').map((pair) => pair.split('=')[0] ?? '');
    return { method: method.toLowerCase(), path, query: named, body: Object.keys(body) };
  });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const GUIDE = readFileSync(join(__dirname, '..', '..', 'docs', 'corporate-actions.md'), 'utf8');

/** Example of the guide for readers: a row of a table. */
export interface GuideExample {
  readonly type: string;
  readonly others: readonly string[];
  readonly words: string;
  /** An amount, `not known`, or `not complete` where our word does not reach as far. */
  readonly before: string;
  readonly verdict: string;
}

/** Examples of the guide: each row of a table below a line that names the type and the other holders. */
export function guideExamples(): readonly GuideExample[] {
  let [type = '', ...others]: readonly string[] = [];
  return GUIDE.split('\n').flatMap((line) => {
    if (line.startsWith('#')) [type = '', ...others] = [];
    if (line.startsWith('Type: '))
      [type = '', ...others] = [...line.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words);
    const [, words, before, verdict] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    if (words?.match(/^([-+]\d|nothing)/) === null) return [];
    if (type === '' || words === undefined || before === undefined || verdict === undefined) return [];
    return [{ type, others, words, before, verdict }];
  });
}

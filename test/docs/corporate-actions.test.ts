import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { HolderSet } from '../../src/domain/lifecycles/corporate-actions/corporate-action';
import { holder, judgedBeside } from '../domain/corporate-actions/set-words';

const GUIDE = readFileSync(join(__dirname, '..', '..', 'docs', 'corporate-actions.md'), 'utf8');

interface Example {
  readonly type: string;
  readonly others: readonly string[];
  readonly words: string;
  readonly before: string;
  readonly verdict: string;
}

/** The examples of the guide: each row of a table below a line that names the type and the other holders. */
function examples(): readonly Example[] {
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

function judged({ type, others, words, before }: Example): string {
  const said = { type };
  const beside = others.map((one, index) => holder(`other-${index}`, one, null, said));
  const known = before.startsWith('not ') ? null : before;
  const one: HolderSet = {
    ...holder('one', words === 'nothing' ? '' : words, known, said),
    ...(before === 'not complete' ? { missingHolding: ['complete-through'] } : {}),
  };
  return judgedBeside(beside, one).join(', ').replace(/:$/, '');
}

test.each(examples())('$type: $words, held before $before, is $verdict as the guide says', (example) => {
  expect(judged(example)).toBe(example.verdict);
});

test('the guide has examples of each kind of verdict', () => {
  const verdicts = examples().map(({ verdict }) => verdict.replace(/,.*/, ''));
  expect(new Set(verdicts)).toEqual(
    new Set(['complete', 'new-share-too-small', 'old-share-sold', 'unverified', 'break']),
  );
  expect(verdicts.length).toBeGreaterThan(25);
});

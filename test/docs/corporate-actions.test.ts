import type { HolderSet } from '../../src/domain/lifecycles/corporate-actions/corporate-action';
import { holder, judgedBeside } from '../domain/corporate-actions/set-words';
import { type GuideExample, guideExamples } from './guide-examples';

function judged({ type, others, words, before }: GuideExample): string {
  const said = { type };
  const beside = others.map((one, index) => holder(`other-${index}`, one, null, said));
  const known = before.startsWith('not ') ? null : before;
  const one: HolderSet = {
    ...holder('one', words === 'nothing' ? '' : words, known, said),
    ...(before === 'not complete' ? { missingHolding: ['complete-through'] } : {}),
  };
  return judgedBeside(beside, one).join(', ').replace(/:$/, '');
}

test.each(guideExamples())('$type: $words, held before $before, is $verdict as the guide says', (example) => {
  expect(judged(example)).toBe(example.verdict);
});

test('the guide has examples of each kind of verdict', () => {
  const verdicts = guideExamples().map(({ verdict }) => verdict.replace(/,.*/, ''));
  expect(new Set(verdicts)).toEqual(
    new Set(['complete', 'new-share-too-small', 'old-share-sold', 'unverified', 'break']),
  );
  expect(verdicts.length).toBeGreaterThan(25);
});

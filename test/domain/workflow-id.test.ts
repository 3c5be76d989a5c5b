import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { keyStoredAs, type SubjectKey, wholeWorkflowIdOf, workflowIdOf } from '../../src/domain/subject-key';

const idOf = (id: string): string =>
  workflowIdOf({ partner: 'coinify', object: 'trade', id }).replace('coinify:trade:', '');

test.each([
  ['Trade_1.2-3', 'Trade_1.2-3'],
  ['a b/c', 'a%20b%2Fc'],
  ['a:b', 'a%3Ab'],
  ['\u00e9~', '%C3%A9%7E'],
  ['\u{1f600}', '%F0%9F%98%80'],
])('an id that may hold anything, such as %j, is percent-encoded as the bytes of its UTF-8', (id, encoded) => {
  expect(idOf(id)).toBe(encoded);
  expect(decodeURIComponent(encoded)).toBe(id);
});

test('ids that differ in one character outside the plane of most characters are two workflows', () => {
  expect(idOf('\u{1f600}')).not.toBe(idOf('\u{1f601}'));
});

test.each([
  ['bitpanda', 'corporate-action'],
  ['tradevest', 'strategy'],
] as const)(
  'the parts of an id of %s %s are told apart by a colon, and each is encoded by itself',
  (partner, object) => {
    expect(workflowIdOf({ partner, object, id: 'a b:c' })).toBe(`${partner}:${object}:a%20b:c`);
  },
);

describe('a workflow id longer than 240 bytes', () => {
  const hashOf = (whole: string): string => createHash('sha256').update(whole).digest('hex').slice(0, 32);
  const order = (id: string): SubjectKey => ({ partner: 'coinify', object: 'trade', id });
  const ID = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });

  test('is its first 200 bytes, a tilde and 32 digits of the hash of the whole; one of 240 stays as it is', () => {
    const fits = order('x'.repeat(226));
    expect(workflowIdOf(fits)).toBe(`coinify:trade:${fits.id}`);
    const whole = `coinify:trade:${'x'.repeat(227)}`;
    expect(workflowIdOf(order('x'.repeat(227)))).toBe(`${whole.slice(0, 200)}~${hashOf(whole)}`);
  });

  test('is never cut within the bytes of one character', () => {
    for (let before = 0; before < 12; before += 1) {
      const whole = wholeWorkflowIdOf(order('x'.repeat(before) + '\u{1f600}'.repeat(60)));
      const [kept = '', hash] = workflowIdOf(order('x'.repeat(before) + '\u{1f600}'.repeat(60))).split('~');
      expect(hash).toBe(hashOf(whole));
      expect(kept.length).toBeGreaterThan(200 - 12);
      expect(kept.length).toBeLessThanOrEqual(200);
      expect(decodeURIComponent(kept)).toMatch(/^coinify:trade:x*\u{1f600}+$/u);
    }
  });

  test('is that of one subject alone, never longer than 240 bytes, and readable to its end', () => {
    fc.assert(
      fc.property(ID, ID, (one, other) => {
        const [first, second] = [workflowIdOf(order(one)), workflowIdOf(order(other))];
        expect(first.length).toBeLessThanOrEqual(240);
        expect(first === second).toBe(wholeWorkflowIdOf(order(one)) === wholeWorkflowIdOf(order(other)));
        expect(() => decodeURIComponent(first.split('~')[0] ?? '')).not.toThrow();
      }),
    );
  });

  test('stays whole for a subject that is stored under it', () => {
    const long = order('x'.repeat(400));
    expect(workflowIdOf(keyStoredAs(long, wholeWorkflowIdOf(long)))).toBe(wholeWorkflowIdOf(long));
    expect(keyStoredAs(long, workflowIdOf(long))).toEqual(long);
  });
});

import { workflowIdOf } from '../../src/domain/subject-key';

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

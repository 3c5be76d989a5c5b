import { compare, medianInterval } from '../../bench/beside';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => count - index);

test('the interval of a median is that of the order statistics, and there is none of fewer than six values', () => {
  expect(medianInterval(numbers(5))).toBeNull();
  expect(medianInterval(numbers(6))).toEqual([1, 6]);
  expect(medianInterval(numbers(15))).toEqual([4, 12]);
  expect(medianInterval(numbers(25))).toEqual([8, 18]);
});

test('each side is measured first in every second pair, and the ratio is ours over theirs', async () => {
  const measured: string[] = [];
  const side = (name: string, value: number) => (): Promise<number> => {
    measured.push(name);
    return Promise.resolve(value);
  };
  const told: string[] = [];
  const comparison = await compare(
    { name: 'receiver', units: 'requests per second' },
    { ours: side('ours', 90), theirs: side('theirs', 100) },
    { folder: '', pairs: 3, progress: (text) => told.push(text) },
  );
  expect(measured).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs']);
  expect(comparison).toMatchObject({ pairs: 3, ratio: 0.9, interval: null, ratios: [0.9, 0.9, 0.9] });
  expect(told[0]).toBe('receiver: pair 1 of 3: 0.900 (90.0 over 100.0)');
});

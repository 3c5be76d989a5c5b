import { createSlots } from '../../src/lib/concurrency';
import { createYielding } from '../../src/dispatch/yielding';
import { eventually } from '../support/eventually';

const SOON_MS = 1_000;
const LONG_MS = 60_000;

/** Partners that yield, at a time that the test sets. */
function atTimes() {
  let ms = 0;
  return {
    ...createYielding(() => ms),
    pass: (passedMs: number) => {
      ms += passedMs;
    },
  };
}

describe('a partner with a backlog', () => {
  test('yields while another partner sends something, and takes all again once that one is silent', () => {
    const partners = atTimes();
    partners.claimed('coinify', true);
    expect(partners.yields('coinify')).toBe(false);
    partners.claimed('tradevest', false);
    partners.pass(SOON_MS);
    expect(partners.yields('coinify')).toBe(true);
    expect(partners.yields('tradevest')).toBe(false);
    partners.pass(LONG_MS);
    expect(partners.yields('coinify')).toBe(false);
  });

  test('does not yield to another backlog, nor once its own is done', () => {
    const partners = atTimes();
    partners.claimed('coinify', true);
    partners.claimed('tradevest', true);
    expect([partners.yields('coinify'), partners.yields('tradevest')]).toEqual([false, false]);
    partners.claimed('coinify', false);
    expect([partners.yields('coinify'), partners.yields('tradevest')]).toEqual([false, true]);
  });

  test('makes one call at a time where it yields, and leaves the other slots to the others', async () => {
    const slots = createSlots({ count: 8, ofOwner: 4, slowMs: LONG_MS });
    const ends: (() => void)[] = [];
    const begun: string[] = [];
    const call = (owner: string, isAlone: boolean): void => {
      const work = () => {
        begun.push(owner);
        return new Promise<void>((end) => ends.push(end));
      };
      void slots.run(owner, work, { isAlone });
    };
    for (let count = 0; count < 3; count += 1) call('coinify', true);
    for (let count = 0; count < 3; count += 1) call('tradevest', false);
    await settled();
    expect([...begun].sort()).toEqual(['coinify', 'tradevest', 'tradevest', 'tradevest']);
    ends[begun.indexOf('coinify')]?.();
    await eventually(() => {
      expect(begun.filter((owner) => owner === 'coinify')).toHaveLength(2);
    });
  });
});

/** All that follows from what has ended has begun. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

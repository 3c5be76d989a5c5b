import { FAULT_KINDS } from '../../chaos/fault-kinds';
import { type Plan, planOf } from '../../chaos/plan';
import { smaller } from '../../chaos/smaller';
import { catalogue } from '../../src/simulator/catalogue';

const SIZE = { minutes: 10, subjects: 200 };

describe('the plan of a seed', () => {
  test('is the same each time, and another for another seed', () => {
    expect(planOf(7, SIZE)).toEqual(planOf(7, SIZE));
    expect(planOf(8, SIZE)).not.toEqual(planOf(7, SIZE));
  });

  test('causes every kind of fault within ten minutes, none before the system has started, none after the end', () => {
    const { faults, lengthMs } = planOf(1, SIZE);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    for (const { atMs } of faults) {
      expect(atMs).toBeGreaterThanOrEqual(3_000);
      expect(atMs).toBeLessThan(lengthMs);
    }
  });

  test('plays as many subjects as are asked for, of many courses, all of which there are', () => {
    const { subjects } = planOf(1, SIZE);
    const names = new Set(subjects.map(({ script }) => script));
    expect(subjects).toHaveLength(SIZE.subjects);
    expect(names.size).toBeGreaterThan(80);
    expect([...names].filter((name) => catalogue.every((script) => script.name !== name))).toEqual([]);
  });
});

describe('a plan that fails', () => {
  const needs = (plan: Plan, kind: string, script: string): boolean =>
    plan.faults.some((fault) => fault.kind === kind) && plan.subjects.some((subject) => subject.script === script);

  test('is made as small as the one fault and the one subject that it needs', async () => {
    const plan = planOf(1, { minutes: 2, subjects: 40 });
    const script = plan.subjects.at(-1)?.script ?? '';
    const kind = plan.faults[3]?.kind ?? '';
    const small = await smaller(plan, (one) => Promise.resolve(needs(one, kind, script)), 200);
    expect(small.faults.map((fault) => fault.kind)).toEqual([kind]);
    expect(small.subjects.map((subject) => subject.script)).toEqual([script]);
  });

  test('stays as it was where it does not fail again, and is run no more often than allowed', async () => {
    const plan = planOf(1, { minutes: 2, subjects: 40 });
    let runs = 0;
    const never = (): Promise<boolean> => {
      runs += 1;
      return Promise.resolve(false);
    };
    expect(await smaller(plan, never, 5)).toEqual(plan);
    expect(runs).toBe(5);
  });
});

import { CAUSES } from '../../activities/failures';
import { foldNews, foldRead, nextStep } from '../../src/domain/lifecycles/kinds';
import { newSubject, note } from '../../src/domain/lifecycles/rules';
import { later } from '../../src/domain/moments';
import { isStateLifecycle } from '../../src/domain/lifecycle';
import type { FlowNews } from '../../src/domain/notification';
import type { Reading } from '../../src/domain/reading';
import type { Subject } from '../../src/domain/subject';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import { lifecycleTables } from '../support/partners';
import { objectRead, rulesOf, START } from './run-subject';

const order = rulesOf(tradevestOrder);

/** The longest row that any subject may need, as JSON: PostgreSQL, histories and pages all take it easily. */
const LONGEST_ROW = 100_000;

describe('findings that come again and again', () => {
  test('that alternate are counted where they first stood, with the time of the latest', () => {
    let subject = newSubject(order, 'x', START, null);
    for (let round = 0; round < 5_000; round += 1) {
      subject = note(order, subject, 'missed', 'FILLED', later(START, round * 2_000));
      subject = note(order, subject, 'slow', 'PLACED', later(START, round * 2_000 + 1_000));
    }
    const [first, last] = [later(START, 0), later(START, 4_999 * 2_000)];
    expect(subject.findings).toEqual([
      { finding: 'missed', at: first, state: null, found: 'FILLED', count: 5_000, latestAt: last },
      {
        finding: 'slow',
        at: later(first, 1_000),
        state: null,
        found: 'PLACED',
        count: 5_000,
        latestAt: later(last, 1_000),
      },
    ]);
    expect(subject.finding).toBe('slow');
  });

  test('one alone is shown as it always was', () => {
    const { findings } = note(order, newSubject(order, 'x', START, null), 'slow', 'PLACED', START);
    expect(findings).toEqual([{ finding: 'slow', at: START, state: null, found: 'PLACED' }]);
  });

  test('that all differ leave the first and the latest, and the number of those between', () => {
    let subject = newSubject(order, 'x', START, null);
    for (let round = 0; round < 1_000; round += 1)
      subject = note(order, subject, 'contradiction', `word ${round}`, later(START, round));
    expect(subject.findings.length).toBeLessThanOrEqual(50);
    expect(subject.findings[0]?.found).toBe('word 0');
    expect(subject.findings.at(-1)?.found).toBe('word 999');
    expect(subject.findingsLeftOut).toBe(1_000 - subject.findings.length);
  });
});

describe('a row of a subject that hears for ever', () => {
  const readings: readonly Reading[] = [
    { kind: 'absent' },
    ...Object.keys(CAUSES).map((cause): Reading => ({ kind: 'unreachable', cause })),
  ];

  test.each(
    lifecycleTables
      .filter(({ lifecycle }) => isStateLifecycle(lifecycle))
      .map((table) => [table.title, table] as const),
  )('stays short: %s', (_title, table) => {
    const rules = rulesOf(table);
    const { lifecycle } = table;
    if (!isStateLifecycle(lifecycle)) throw new Error('followed otherwise');
    const states = Object.keys(table.states);
    const all = [...readings, ...states.map((state) => objectRead(state))];
    let subject = newSubject(rules, 'x', START, null);
    for (let round = 0; round < 2_000; round += 1) {
      const now = later(START, round * 60_000);
      const status = states[(round * 7) % Math.max(1, states.length)] ?? null;
      const more = { named: [`customer:c${round}`], executions: [], readHints: {}, reason: `R${round}` };
      const content: FlowNews = { lifecycle, event: 'T', status, ...more };
      const arrival = { deliveryId: String(round), receivedAt: now, contradictsEarlier: round % 3 === 0 };
      if (round % 5 === 0) subject = foldNews(rules, subject, { ...content, ...arrival }, now).subject;
      const reading = all[round % all.length] ?? { kind: 'absent' };
      const named: Reading =
        reading.kind === 'object' ? { ...reading, named: { [`document:d${round}`]: 'PENDING' } } : reading;
      const step = nextStep(rules, subject, now);
      if (step.kind === 'read')
        subject = foldRead(rules, subject, step.purpose, { reading: named, backlog: false }, now).subject;
    }
    expect(JSON.stringify(subject).length).toBeLessThan(LONGEST_ROW);
  });

  const announce = (round: number, deadline: string): FlowNews => ({
    ...{ lifecycle: 'savingsPlan', event: 'T', readHints: {} },
    news: {
      ...{ kind: 'upcoming', transactionId: `r${round}`, userId: 'u', amount: '1', currency: '1', deadline },
      ...{ nextRecurrence: null, frequency: null },
    },
  });

  test('stays short: a savings plan whose recurrences never end', () => {
    const rules = rulesOf(bitpandaSavingsPlan);
    let subject: Subject = newSubject(rules, 'x', START, null);
    for (let round = 0; round < 2_000; round += 1) {
      const now = later(START, round * 86_400_000);
      const arrival = { deliveryId: String(round), receivedAt: now, contradictsEarlier: false };
      subject = foldNews(rules, subject, { ...announce(round, later(now, 60_000)), ...arrival }, now).subject;
      const one = subject.recurrences?.at(-1);
      expect(one).toMatchObject({ transactionId: `r${round}`, decision: 'asked' });
      // Nobody decided.
      const recurrences = (subject.recurrences ?? []).map((each) => ({
        ...each,
        decision: 'none' as const,
        actAt: null,
      }));
      subject = { ...subject, recurrences };
    }
    expect(JSON.stringify(subject).length).toBeLessThan(LONGEST_ROW);
    expect(subject.recurrences?.at(-1)?.transactionId).toBe('r1999');
  });

  test('forgets no recurrence that can still be confirmed: one too many is illegal, and alerted', () => {
    const rules = rulesOf(bitpandaSavingsPlan);
    let subject: Subject = newSubject(rules, 'x', START, null);
    const outcomes = new Set<string>();
    const alerts = new Set<string>();
    for (let round = 0; round < 1_000; round += 1) {
      const arrival = { deliveryId: String(round), receivedAt: START, contradictsEarlier: false };
      const folded = foldNews(
        rules,
        subject,
        { ...announce(round, later(START, 86_400_000 + round)), ...arrival },
        START,
      );
      subject = folded.subject;
      outcomes.add(folded.outcome);
      for (const alert of folded.alerts) alerts.add(alert);
    }
    expect(subject.recurrences?.[0]?.transactionId).toBe('r0');
    expect([...outcomes]).toEqual(['applied', 'illegal']);
    expect([...alerts]).toEqual(['unconfirmed']);
    expect(JSON.stringify(subject).length).toBeLessThan(LONGEST_ROW);
  });
});

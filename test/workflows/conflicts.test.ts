import fc from 'fast-check';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { foldConfirmation, foldDecision } from '../../src/domain/lifecycles/savings-plan/answers';
import { foldJudged } from '../../src/domain/lifecycles/corporate-actions/fold-set';
import type { LifecycleTable } from '../../src/domain/lifecycles/table';
import { later } from '../../src/domain/moments';
import type { FlowNews, Notification } from '../../src/domain/notification';
import { resolveSubject } from '../../src/domain/operator';
import type { Subject } from '../../src/domain/subject';
import type { StoredSubject, SubjectWrite, WriteResult } from '../../src/domain/subject-write';
import { bitpandaCorporateAction } from '../../src/partners/bitpanda/lifecycles/corporate-action';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import {
  createFlowState,
  type FlowState,
  foldChange,
  foldReadResult,
  foldSignal,
  hasUnwritten,
  takeAction,
} from '../../workflows/flow-state';
import { prepareWrite, takeWriteResult } from '../../workflows/writes';

const START = '2026-03-02T09:00:00.000Z';

/** A row as the store keeps it: written only by who names its version, and a repeated write is recognised. */
interface Row {
  stored: StoredSubject | null;
  writeId: string | null;
}

function writeRow(row: Row, write: SubjectWrite): WriteResult {
  const version = row.stored?.version ?? 0;
  if (version !== write.expectedVersion) {
    if (row.writeId === write.writeId) return { kind: 'written', version };
    return { kind: 'conflict', stored: row.stored, writeId: row.writeId };
  }
  row.stored = { subject: write.subject, version: version + 1 };
  row.writeId = write.writeId;
  return { kind: 'written', version: version + 1 };
}

/** One run of a flow, and its write that is under way. */
interface Run {
  readonly state: FlowState;
  readonly runId: string;
  flight: { readonly write: SubjectWrite; result: WriteResult | null } | null;
}

const POLICY = createPolicies(DEFAULT_POLICY_SETTINGS, 1);

function startRun(table: LifecycleTable, runId: string, stored: StoredSubject | null): Run {
  const rules = { table, policy: POLICY.policyOf(table) };
  const key = { partner: table.partner, object: table.object, id: 'x' };
  const input = { key, policy: rules.policy, stored, expectedBy: null, foldedDeliveries: [] };
  return { state: createFlowState(rules, input, START), runId, flight: null };
}

function send({ state, runId }: Run): SubjectWrite {
  return prepareWrite(state, { workflowId: 'x', runId });
}

let deliveries = 0;

function told(news: FlowNews): Notification {
  deliveries += 1;
  return { ...news, deliveryId: String(deliveries), receivedAt: START, contradictsEarlier: false };
}

/** What one run hears, and how it shows that it was not lost; false where it could not be heard. */
interface Thing {
  readonly name: string;
  readonly hear: (run: Run, now: string) => unknown;
  readonly isIn: (subject: Subject) => boolean;
}

const states = ['PLACED', 'PARTIALLY_FILLED', 'FILLED', 'SETTLED'];
const ORDER_THINGS: readonly Thing[] = [
  ...states.map((status): Thing => ({
    name: status,
    hear: ({ state }, now) => {
      const content = { lifecycle: 'order', event: 'T', status, reason: null, executions: [], readHints: {} } as const;
      foldSignal(state, told(content), now);
    },
    // After an end for good it is late, and has the outcome that says so.
    isIn: ({ statesSeen, closedForGood }) => statesSeen.includes(status) || closedForGood,
  })),
  ...['FILLED', 'SETTLED'].map((status): Thing => ({
    name: `a read of ${status}`,
    hear: ({ state }, now) => {
      const reading = { kind: 'object', status, executions: [], quantityExecuted: true, reason: null } as const;
      foldReadResult(state, state.subject.read?.purpose ?? 'overdue', { reading, backlog: false }, now);
    },
    isIn: ({ statesSeen, read, end }) => statesSeen.includes(status) || read !== null || end !== null,
  })),
  {
    name: 'an operator ends it',
    hear: ({ state }, now) => {
      const request = { by: 'night-shift', reason: 'by phone', result: 'done' } as const;
      takeAction(state, (rules, subject) => resolveSubject(rules, subject, request, now), null);
    },
    isIn: ({ end }) => end !== null,
  },
];

function plan(news: Extract<FlowNews, { lifecycle: 'savingsPlan' }>['news']): FlowNews {
  return { lifecycle: 'savingsPlan', event: 'T', news, readHints: {} };
}

const PLAN_THINGS: readonly Thing[] = ['r1', 'r2'].flatMap((transactionId, index): readonly Thing[] => {
  const one = ({ recurrences = [] }: Subject) => recurrences.find((each) => each.transactionId === transactionId);
  const deadline = later(START, (index + 1) * 86_400_000);
  const confirmedAt = later(START, 1);
  const more = { userId: 'u', amount: '1', currency: '1', nextRecurrence: null, frequency: null };
  return [
    {
      name: `${transactionId} announced`,
      hear: ({ state }, now) =>
        foldSignal(state, told(plan({ kind: 'upcoming', transactionId, deadline, ...more })), now),
      isIn: (subject) => one(subject)?.deadline === deadline,
    },
    {
      name: `${transactionId} confirmed`,
      hear: ({ state }, now) => {
        if (one(state.subject)?.decision !== 'asked') return false;
        foldChange(state, (rules, subject) =>
          foldDecision(rules, subject, transactionId, { kind: 'answered', confirm: true }, now),
        );
        foldChange(state, (rules, subject) =>
          foldConfirmation(rules, subject, transactionId, { kind: 'confirmed' }, confirmedAt),
        );
        return true;
      },
      isIn: (subject) => one(subject)?.confirmedAt === confirmedAt,
    },
    {
      name: `${transactionId} finished`,
      hear: ({ state }, now) =>
        foldSignal(state, told(plan({ kind: 'final', transactionId, status: 'finished', reason: null })), now),
      isIn: (subject) => one(subject)?.final === true,
    },
  ];
});

function movement(type: string): Thing {
  return {
    name: type,
    hear: ({ state }, now) =>
      foldSignal(state, told({ lifecycle: 'corporateAction', event: 'T', news: { kind: 'movement', type } }), now),
    // Not judged since.
    isIn: ({ waitingFor }) => waitingFor.includes('settle'),
  };
}

const SNAPSHOT = { breaks: [], resolved: false, obligationDueAt: null, movements: [] };

const SET_THINGS: readonly Thing[] = [
  movement('dividend'),
  movement('split'),
  {
    name: 'a verdict',
    hear: ({ state }) => {
      const { read } = state.subject;
      if (read === null) return false;
      foldChange(state, (rules, subject) =>
        foldJudged(
          rules,
          subject,
          { kind: 'judged', standing: { ...SNAPSHOT, version: 1, verdict: 'complete' } },
          read.at,
        ),
      );
      return false;
    },
    isIn: () => true,
  },
];

const LIVES = [
  { name: 'an order', table: tradevestOrder, things: ORDER_THINGS },
  { name: 'a savings plan', table: bitpandaSavingsPlan, things: PLAN_THINGS },
  { name: 'a set of a corporate action', table: bitpandaCorporateAction, things: SET_THINGS },
] as const;

type Step = 'hear' | 'send' | 'land' | 'answer' | 'lose';

/** One step of a run: its write may land before its answer is lost, and after. */
function take(run: Run, row: Row, step: Exclude<Step, 'hear'>, now: string, zombies: SubjectWrite[]): void {
  const { flight } = run;
  switch (step) {
    case 'send':
      if (flight === null && hasUnwritten(run.state)) run.flight = { write: send(run), result: null };
      return;
    case 'land':
      if (flight?.result === null) flight.result = writeRow(row, flight.write);
      return;
    case 'answer':
      if (flight?.result == null) return;
      takeWriteResult(run.state, flight.result, now);
      run.flight = null;
      return;
    case 'lose':
      if (flight === null) return;
      if (flight.result === null) zombies.push(flight.write);
      run.flight = null;
  }
}

/** Writes until nothing is unwritten, as every flow does before it waits or ends. */
function flush(run: Run, row: Row, now: string): void {
  for (let write = 0; hasUnwritten(run.state) || run.flight !== null; write += 1) {
    if (write > 20) throw new Error('never done writing');
    const sent = run.flight?.write ?? send(run);
    takeWriteResult(run.state, run.flight?.result ?? writeRow(row, sent), now);
    run.flight = null;
  }
}

describe.each(LIVES)('two runs that write one row: $name', ({ table, things }) => {
  const step = fc.oneof(
    fc.record({
      run: fc.nat(1),
      step: fc.constant('hear' as const),
      thing: fc.nat(things.length - 1),
    }),
    fc.record({ run: fc.nat(1), step: fc.constantFrom<Exclude<Step, 'hear'>>('send', 'land', 'answer', 'lose') }),
    fc.constant({ step: 'zombie' as const }),
  );

  test('nothing that one of them has heard is lost by their conflicts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const row: Row = { stored: null, writeId: null };
        const runs = [startRun(table, 'a', null), startRun(table, 'b', null)];
        const zombies: SubjectWrite[] = [];
        let heard: readonly { readonly run: Run; readonly thing: Thing }[] = [];
        steps.forEach((one, index) => {
          const now = later(START, (index + 1) * 1_000);
          const zombie = one.step === 'zombie' ? zombies.shift() : undefined;
          if (zombie !== undefined) writeRow(row, zombie);
          const run = 'run' in one ? runs[one.run] : undefined;
          if (run === undefined || one.step === 'zombie') return;
          if (one.step !== 'hear') return take(run, row, one.step, now, zombies);
          const thing = things[one.thing];
          if (thing === undefined || run.state.subject.end !== null) return;
          if (thing.hear(run, now) !== false) heard = [...heard, { run, thing }];
          // What its own run has dealt with is done with.
          heard = heard.filter((each) => each.run !== run || each.thing.isIn(run.state.subject));
        });
        const now = later(START, 60_000);
        for (const run of runs) flush(run, row, now);
        const subject = row.stored?.subject;
        // The row of a movement is written by dispatch: its flow has to wait for it all the same.
        const isLost = ({ run, thing }: (typeof heard)[number]): boolean =>
          !thing.isIn(run.state.subject) && (subject === undefined || !thing.isIn(subject));
        const lost = heard.filter(isLost).map(({ thing }) => thing.name);
        expect(lost).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});

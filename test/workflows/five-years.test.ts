import { randomUUID } from 'node:crypto';

import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import { withFollowing } from '../../src/domain/lifecycles/savings-plan/following';
import type { Subject } from '../../src/domain/subject';
import type { SubjectWrite } from '../../src/domain/subject-write';
import { bitpandaSavingsPlan } from '../../src/partners/bitpanda/lifecycles/savings-plan';
import { setUpTemporal } from '../../src/temporal/setup';
import { type FlowInput, NEWEST_PATCH, notificationSignal, type ReadRequest } from '../../workflows/contract';
import { testServers } from '../support/servers';
import { object, planSays } from './contents';

Runtime.install({ logger: new DefaultLogger('ERROR') });
jest.setTimeout(600_000);

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];
const VIENNA = 'Europe/Vienna';
const HOUR = 12;

/** The wall clock of Vienna at a moment, asked of the platform and not of the library that partnerflow counts with. */
const CLOCK = new Intl.DateTimeFormat('sv-SE', { timeZone: VIENNA, dateStyle: 'short', timeStyle: 'medium' });

/** Noon in Vienna on a day of the calendar, in milliseconds since 1970. */
function noonOf(year: number, month: number, day: number): number {
  const date = new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
  const found = [1, 2].map((offset) => Date.parse(`${date}T${String(HOUR)}:00:00Z`) - offset * HOUR_MS);
  const noon = found.find((moment) => CLOCK.format(moment) === `${date} ${String(HOUR)}:00:00`);
  if (noon === undefined) throw new Error(`no noon on ${date}`);
  return noon;
}

interface Plan {
  readonly name: string;
  readonly frequency: string;
  readonly day: number;
  /** The recurrences of five years and the one after, in milliseconds since 1970. */
  readonly moments: readonly number[];
  /** The announcement of every recurrence with this distance is lost. */
  readonly lostEvery: number;
}

function inWeeks(frequency: string, weeks: number, year: number): Plan {
  // The first Monday of the year.
  const first = 1 + ((8 - new Date(Date.UTC(year, 0, 1)).getUTCDay()) % 7);
  const count = Math.floor((5 * 365) / (7 * weeks)) + 1;
  const moments = Array.from({ length: count }, (_, index) => noonOf(year, 0, first + index * 7 * weeks));
  return { name: frequency, frequency, day: 1, moments, lostEvery: 31 };
}

function inMonths(day: number, year: number): Plan {
  const moments = Array.from({ length: 61 }, (_, index) => {
    const lastOfMonth = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
    return noonOf(year, index, Math.min(day, lastOfMonth));
  });
  return { name: `monthly on the ${String(day)}th`, frequency: 'monthly', day, moments, lostEvery: 13 };
}

/** One thing that happens to a plan at a time: a recurrence is announced two days before it, or ends. */
interface Step {
  readonly atMs: number;
  readonly plan: Plan;
  readonly index: number;
  readonly what: 'announced' | 'finished';
}

function isLost({ lostEvery }: Plan, index: number): boolean {
  return index > 0 && index % lostEvery === 0;
}

function stepsOf(plan: Plan): readonly Step[] {
  return plan.moments.slice(0, -1).flatMap((momentMs, index): Step[] => {
    if (isLost(plan, index)) return [];
    return [
      { atMs: momentMs - 49 * HOUR_MS, plan, index, what: 'announced' },
      { atMs: momentMs + 10 * MINUTE_MS, plan, index, what: 'finished' },
    ];
  });
}

/** The steps of all plans by their moments, earliest first: what happens at one moment is told side by side. */
function byMoment(steps: readonly Step[]): ReadonlyMap<number, readonly Step[]> {
  const moments = [...new Set(steps.map(({ atMs }) => atMs))].sort((a, b) => a - b);
  return new Map(moments.map((moment) => [moment, steps.filter(({ atMs }) => atMs === moment)]));
}

const POLICIES = createPolicies(DEFAULT_POLICY_SETTINGS, 1);

function newsOf({ plan: { moments, frequency, day }, index, what }: Step): PlanNews {
  const momentMs = moments[index] ?? 0;
  const transactionId = `t${String(index)}`;
  if (what === 'finished') return { kind: 'final', transactionId, status: 'finished', reason: null };
  const calendar = POLICIES.localCalendarOf?.(bitpandaSavingsPlan) ?? null;
  if (calendar === null) throw new Error('no calendar of the partner');
  const news: PlanNews = {
    ...{ kind: 'upcoming', transactionId, userId: 'u1', amount: '25', currency: '1', frequency, day },
    deadline: new Date(momentMs - HOUR_MS).toISOString(),
    nextRecurrence: new Date(momentMs).toISOString(),
  };
  return withFollowing(news, calendar);
}

describe('savings plans over five years in virtual time', () => {
  let environment: TestWorkflowEnvironment;
  let workers: readonly Worker[];
  let runs: readonly Promise<void>[];
  const taskQueue = randomUUID();
  const shown = new Map<string, Subject>();
  const reads: { readonly id: string; readonly purpose: string; readonly atMs: number }[] = [];

  beforeAll(async () => {
    const executable = { type: 'existing-path', path: testServers().testServerPath } as const;
    environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    await setUpTemporal(environment.connection, 'default').catch(() => undefined);
    workers = await startWorkers();
    runs = workers.map((worker) => worker.run());
  });
  afterAll(async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    await environment.teardown();
  });

  function written(write: SubjectWrite) {
    shown.set(write.subject.id, write.subject);
    return { kind: 'written', version: write.expectedVersion + 1 } as const;
  }

  function startWorkers(): Promise<readonly Worker[]> {
    const connection = environment.nativeConnection;
    const activities = {
      writeSubject: (write: SubjectWrite) => Promise.resolve(written(write)),
      decideRecurrence: () => Promise.resolve({ kind: 'answered', confirm: true }),
    };
    const workflowBundle = { codePath: testServers().workflowBundlePath };
    const confirmRecurrence = () => Promise.resolve({ kind: 'confirmed' });
    const readObject = async ({ key, purpose, write }: ReadRequest) => {
      reads.push({ id: key.id, purpose, atMs: await environment.currentTimeMs() });
      const result = { reading: object('active'), backlog: false };
      return { write: write === null ? null : written(write), result };
    };
    return Promise.all([
      Worker.create({ connection, taskQueue, workflowBundle, activities }),
      Worker.create({ connection, taskQueue: `${taskQueue}-bitpanda`, activities: { readObject } }),
      Worker.create({ connection, taskQueue: `${taskQueue}-bitpanda-confirm`, activities: { confirmRecurrence } }),
    ]);
  }

  async function tell(step: Step): Promise<void> {
    const { plan, index, what } = step;
    const input: FlowInput = {
      key: { partner: 'bitpanda', object: 'savings-plan', id: plan.name },
      policy: POLICIES.policyOf(bitpandaSavingsPlan),
      ...{ stored: null, expectedBy: null, foldedDeliveries: [] },
      // As flows are started now: their writes are no round trips to the server.
      patches: NEWEST_PATCH,
    };
    const content = planSays(newsOf(step));
    const arrival = {
      ...{ deliveryId: `${plan.name} ${String(index)} ${what}`, contradictsEarlier: false },
      receivedAt: new Date(step.atMs).toISOString(),
    };
    await environment.client.workflow.signalWithStart('savingsPlan', {
      ...{ workflowId: `bitpanda:savings-plan:${plan.name}`, taskQueue, args: [input] },
      ...{ signal: notificationSignal, signalArgs: [{ ...content, ...arrival }] },
    });
  }

  /** Due time of a plan once a recurrence of it, which was confirmed, has ended. */
  async function dueAfter({ plan, index }: Step): Promise<string | null> {
    const endMs = Date.now() + MINUTE_MS;
    for (let look = 1; Date.now() < endMs; look += 1) {
      // Time stands still while nobody sleeps, and with it the flow's own short waits; mostly it has none.
      await (look % 50 === 0 ? environment.sleep(100) : new Promise((resolve) => setTimeout(resolve, 2)));
      const { recurrences = [], dueAt = null } = shown.get(plan.name) ?? {};
      const one = recurrences.find(({ transactionId }) => transactionId === `t${String(index)}`);
      if (one?.final !== true) continue;
      expect(one).toMatchObject({ state: 'finished', decision: 'confirm', confirmedAt: expect.any(String) });
      return dueAt;
    }
    throw new Error(`${plan.name}: recurrence ${String(index)} was never over`);
  }

  test('each expected recurrence is on the right day and hour, and a lost announcement is missed then', async () => {
    const year = new Date(await environment.currentTimeMs()).getUTCFullYear() + 1;
    const plans = [
      ...[inWeeks('weekly', 1, year), inWeeks('biweekly', 2, year)],
      ...[29, 30, 31].map((day) => inMonths(day, year)),
    ];
    const due: string[] = [];
    const expected: string[] = [];
    const take = async (step: Step): Promise<void> => {
      await tell(step);
      if (step.what === 'announced') return;
      const dueAt = await dueAfter(step);
      const nextMs = step.plan.moments[step.index + 1] ?? 0;
      due.push(`${step.plan.name}: ${dueAt ?? 'nothing'}`);
      expected.push(`${step.plan.name}: ${new Date(nextMs).toISOString()}`);
    };
    for (const [atMs, steps] of byMoment(plans.flatMap(stepsOf))) {
      const waitMs = atMs - (await environment.currentTimeMs());
      if (waitMs > 0) await environment.sleep(waitMs);
      await Promise.all(steps.map(take));
    }
    expect(due).toEqual(expected);
    expect(due.length).toBeGreaterThan(500);
    const lost = plans.flatMap((plan) =>
      plan.moments.slice(0, -1).flatMap((momentMs, index) => (isLost(plan, index) ? [{ plan, momentMs }] : [])),
    );
    for (const { plan, momentMs } of lost) {
      const [first] = reads.filter(({ id, atMs }) => id === plan.name && atMs > momentMs - 5 * DAY_MS);
      const missedAt = `${plan.name}: ${new Date(momentMs).toISOString().slice(0, 13)}`;
      expect(`${plan.name}: ${new Date(first?.atMs ?? 0).toISOString().slice(0, 13)}`).toBe(missedAt);
      expect(first?.purpose).toBe('overdue');
    }
    expect(lost.length).toBeGreaterThan(20);
    for (const { name } of plans)
      expect(shown.get(name)?.findings.map(({ finding }) => finding)).not.toContain('missed');
  });
});

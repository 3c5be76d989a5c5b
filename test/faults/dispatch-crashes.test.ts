import { randomUUID } from 'node:crypto';

import { Client, Connection } from '@temporalio/client';

import { freePort } from '../../src/development/ports';
import { dispatchBatch, type DispatchDependencies } from '../../src/dispatch/batch';
import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher';
import { createFlowStarter, type FlowStarter } from '../../src/temporal/flow-client';
import type { PartnerDecoder } from '../../src/partners/event';
import type { DecodedDelivery } from '../../src/dispatch/decode';
import { release } from '../../src/store/deliveries/claims';
import { claimAll as claimFrom, DISPATCH_LIMITS } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { decoderOf, decodingOtherwise } from '../support/partners';
import { moment, nothingEverAgain } from './moments';
import { type Harness, openHarness, outcomes, subjectOf } from '../workflows/harness';
import { withFoldedAlerts } from '../support/folded-alerts';

describe('dispatch may crash anywhere', () => {
  let harness: Harness;
  let dispatchers: Dispatcher[];
  beforeEach(async () => {
    harness = await openHarness();
    dispatchers = [];
  });
  afterEach(async () => {
    await Promise.all(dispatchers.map((one) => one.stop()));
    await harness.close();
  });

  function start(changes: Partial<DispatchDependencies> = {}, limits = DISPATCH_LIMITS): Dispatcher {
    const dispatcher = startDispatcher({ ...harness.dependencies, ...changes }, limits);
    dispatchers.push(dispatcher);
    return dispatcher;
  }

  /** A lease of 1 ms has run out before anybody else looks. */
  async function claimAll(leaseMs: number): Promise<readonly DecodedDelivery[]> {
    const claims = await claimFrom(harness.dependencies, { leaseMs });
    await new Promise((resolve) => setTimeout(resolve, 5));
    return claims;
  }

  /** Real flows with something done before or after each signal. */
  function flowsWith(around: Partial<Record<'before' | 'after', () => Promise<void>>>): FlowStarter {
    const { flows } = harness.dependencies;
    return {
      ...flows,
      signalWithStart: async (address, notification) => {
        await around.before?.();
        const runId = await flows.signalWithStart(address, notification);
        await around.after?.();
        return runId;
      },
    };
  }

  /** Dispatches what is pending and is killed where the flows say so. */
  async function dispatchUntilKilled(point: 'before' | 'after'): Promise<void> {
    const killed = moment();
    const flows = flowsWith({
      [point]: () => {
        killed.reach();
        return nothingEverAgain();
      },
    });
    void dispatchBatch({ ...harness.dependencies, flows }, await claimAll(1));
    await killed.reached;
  }

  async function rows() {
    return harness.database.kysely
      .selectFrom('kept_deliveries')
      .select(['id', 'status', 'outcome', 'attempts', 'refusals', 'problem', 'run_id'])
      .orderBy('position')
      .execute();
  }

  async function alerts() {
    return (await withFoldedAlerts(harness.database.kysely))
      .selectFrom('alerts')
      .select(['finding', 'count'])
      .execute();
  }

  async function signalsTo(orderId: string): Promise<number> {
    const { events } = await harness.client.workflow.getHandle(`tradevest:order:${orderId}`).fetchHistory();
    return (events ?? []).filter(
      ({ workflowExecutionSignaledEventAttributes: told }) => told !== null && told !== undefined,
    ).length;
  }

  test('a delivery whose dispatcher died right after claiming it is dispatched by another one', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    expect(await claimAll(1)).toHaveLength(1);
    await harness.startWorkers();
    start();
    await eventually(async () => expect(await rows()).toMatchObject([{ outcome: 'applied', attempts: 2 }]));
  });

  test('a delivery whose event id was registered before the crash is not taken for its own duplicate', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED', { key: `event ${id}` });
    await dispatchUntilKilled('before');
    await harness.startWorkers();
    start();
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
    await harness.keep(id, 'PLACED', { key: `event ${id}` });
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied', 'duplicate']));
  });

  test('a delivery signalled again, because its dispatcher died before it could say so, is folded once', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    await dispatchUntilKilled('after');
    expect(await outcomes(harness)).toEqual(['pending']);
    start();
    await eventually(async () => expect(await outcomes(harness)).toEqual(['delivered']));
    expect(await signalsTo(id)).toBe(2);
    await harness.startWorkers();
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
    expect(await subjectOf(harness, id)).toMatchObject({ state: 'PLACED', open: true });
  });

  test('what a flow wrote of a delivery that its dispatcher never settled needs no second signal', async () => {
    const id = randomUUID();
    await harness.startWorkers();
    await harness.keep(id, 'PLACED');
    await dispatchUntilKilled('after');
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
    expect(await claimAll(1)).toEqual([]);
    expect(await signalsTo(id)).toBe(1);
  });

  test('an outcome written before dispatch settles its row is kept', async () => {
    await harness.startWorkers();
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    const flows = flowsWith({
      after: () => eventually(async () => expect(await outcomes(harness)).toEqual(['applied'])),
    });
    await dispatchBatch({ ...harness.dependencies, flows }, await claimAll(30_000));
    expect(await rows()).toMatchObject([{ status: 'delivered', outcome: 'applied' }]);
  });

  /** An older version of the program, which understands nothing. */
  function parksAll(): DispatchDependencies {
    const decode: PartnerDecoder['decode'] = () => ({
      ok: false,
      event: 'OLD',
      problem: { path: 'event', expected: 'one that is known', found: 'OLD' },
    });
    const partners = decodingOtherwise(harness.dependencies.partners, 'tradevest', decode);
    return { ...harness.dependencies, partners };
  }

  test('a dispatcher that lost its lease writes nothing over, whether the new one still works or is done', async () => {
    await harness.keep(randomUUID(), 'PLACED');
    const lost = await claimAll(1);
    const current = await claimAll(30_000);
    expect(current).toHaveLength(1);
    await dispatchBatch(parksAll(), lost);
    const problem = { path: 'temporal', expected: 'a signal', found: 'none' };
    const releases = lost.map(({ claim }) => ({ claim, retryMs: 0, problem }));
    await release(harness.database.kysely, releases);
    expect(await rows()).toMatchObject([{ status: 'pending', refusals: 0 }]);
    expect(await claimAll(1)).toEqual([]);
    await dispatchBatch(harness.dependencies, current);
    await dispatchBatch(parksAll(), lost);
    expect(await rows()).toMatchObject([{ status: 'delivered', problem: null }]);
    expect(await alerts()).toEqual([]);
  });

  test('two dispatchers that signal the same delivery at once leave one outcome', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    const [first, second] = [await claimAll(1), await claimAll(1)];
    await Promise.all([first, second].map((claims) => dispatchBatch(harness.dependencies, claims)));
    expect(await signalsTo(id)).toBe(2);
    await harness.startWorkers();
    await eventually(async () => expect(await outcomes(harness)).toEqual(['applied']));
  });

  /** Two dispatchers hold one delivery; the slow one has decided, and signals only when told, on what it knew before. */
  async function slowAndFast(): Promise<{ fast: () => Promise<unknown>; slow: () => Promise<unknown> }> {
    const [decided, gate] = [moment(), moment()];
    const before = (): Promise<void> => {
      decided.reach();
      return gate.reached;
    };
    const [lost, current] = [await claimAll(1), await claimAll(30_000)];
    const late = dispatchBatch({ ...harness.dependencies, flows: flowsWith({ before }) }, lost);
    await decided.reached;
    return {
      fast: () => dispatchBatch(harness.dependencies, current),
      slow: () => {
        gate.reach();
        return late;
      },
    };
  }

  /** How many activities a flow has had, once it does nothing but wait: what it is still about to do would count later. */
  async function activitiesOf(orderId: string): Promise<number> {
    const handle = harness.client.workflow.getHandle(`tradevest:order:${orderId}`);
    await eventually(async () => {
      const { raw } = await handle.describe();
      expect(raw.pendingActivities ?? []).toEqual([]);
      expect(raw.pendingWorkflowTask ?? null).toBeNull();
    });
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled != null).length;
  }

  test('a flow that is told of a delivery once more, long after it folded it, does nothing', async () => {
    const id = randomUUID();
    const filled = { kind: 'object', status: 'FILLED', executions: [], quantityExecuted: true, reason: null } as const;
    harness.objects.set(id, () => filled);
    await harness.startWorkers();
    await harness.keep(id, 'FILLED');
    const { fast, slow } = await slowAndFast();
    await fast();
    await eventually(async () => {
      expect(await outcomes(harness)).toEqual(['applied']);
      expect(harness.reads).toEqual([id]);
    });
    const before = await activitiesOf(id);
    await slow();
    // A signal that comes while a workflow task is under way stands in the history only when that has ended.
    await eventually(async () => expect(await signalsTo(id)).toBe(2));
    expect(await activitiesOf(id)).toBe(before);
    expect(await outcomes(harness)).toEqual(['applied']);
  });

  test('a flow started anew by a slow dispatcher, after the subject ended, changes neither its end nor the outcome', async () => {
    const id = randomUUID();
    await harness.startWorkers();
    await harness.keep(id, 'REJECTED');
    const { fast, slow } = await slowAndFast();
    await fast();
    const handle = harness.client.workflow.getHandle(`tradevest:order:${id}`);
    const first = await handle.describe();
    await handle.result();
    const ended = await subjectOf(harness, id);
    await slow();
    await handle.result();
    expect((await handle.describe()).runId).not.toBe(first.runId);
    expect(await outcomes(harness)).toEqual(['applied']);
    expect(await subjectOf(harness, id)).toMatchObject({ state: 'REJECTED', open: false, subject: ended.subject });
    expect(await alerts()).toEqual([]);
  });

  test('what Temporal refuses for good is parked after a few tries, beside others that go through', async () => {
    const [refused, taken] = [randomUUID(), randomUUID()];
    const { partners } = harness.dependencies;
    const decoder = decoderOf(partners, 'tradevest');
    const decode: PartnerDecoder['decode'] = (route, body) => {
      const decoding = decoder.decode(route, body, 'a-delivery');
      if (!decoding.ok || decoding.decoded.subject.id !== refused) return decoding;
      const content = { ...decoding.decoded.content, reason: 'x'.repeat(3_000_000) };
      return { ok: true, decoded: { ...decoding.decoded, content } };
    };
    await harness.keep(refused, 'PLACED');
    await harness.keep(taken, 'PLACED');
    await harness.startWorkers();
    start({ partners: decodingOtherwise(partners, 'tradevest', decode), mostTries: 3 });
    await eventually(async () => expect(await outcomes(harness)).toEqual(['parked', 'applied']));
    const [parked] = await rows();
    expect(parked).toMatchObject({ attempts: 3, outcome: null, problem: { path: 'temporal' } });
    expect(await alerts()).toEqual([{ finding: 'parked', count: 1 }]);
  });

  test('while Temporal is away everything stays pending, nothing is parked, and all goes through afterwards', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${String(await freePort())}` });
    const nobody = createFlowStarter(new Client({ connection }), harness.taskQueue, 500);
    let isAway = true;
    const flows: FlowStarter = {
      ...harness.dependencies.flows,
      isKnownAway: () => isAway && nobody.isKnownAway(),
      isAway: () => (isAway ? nobody : harness.dependencies.flows).isAway(),
      signalWithStart: (address, notification) =>
        (isAway ? nobody : harness.dependencies.flows).signalWithStart(address, notification),
    };
    await harness.startWorkers();
    const ids = Array.from({ length: 60 }, () => randomUUID());
    for (const id of ids) await harness.keep(id, 'PLACED');
    start({ flows, mostTries: 1 });
    await eventually(async () =>
      expect(Math.max(...(await rows()).map(({ attempts }) => attempts))).toBeGreaterThan(2),
    );
    expect(await rows()).toEqual(ids.map(() => expect.objectContaining({ status: 'pending', refusals: 0 })));
    isAway = false;
    await eventually(async () => expect(await outcomes(harness)).toEqual(ids.map(() => 'applied')), 40_000);
    expect(await alerts()).toEqual([]);
    await connection.close();
  });

  test('the same key and meaning is a duplicate, the same key with another meaning illegal, and its repetition a duplicate', async () => {
    const id = randomUUID();
    const key = `event ${id}`;
    await harness.startWorkers();
    start();
    await harness.keep(id, 'PLACED', { key, meaning: '10 EUR' });
    await harness.keep(id, 'PLACED', { key, meaning: '10 EUR' });
    await harness.keep(id, 'PLACED', { key, meaning: '99 EUR' });
    await harness.keep(id, 'PLACED', { key, meaning: '99 EUR' });
    await harness.keep(id, 'PLACED', { key, meaning: '10 EUR' });
    const expected = ['applied', 'duplicate', 'illegal', 'duplicate', 'duplicate'];
    await eventually(async () => expect(await outcomes(harness)).toEqual(expected));
    expect(await subjectOf(harness, id)).toMatchObject({ state: 'PLACED', open: true });
  });

  test('without a key an illegal one is illegal once, and a duplicate when it comes again; others are read again', async () => {
    const id = randomUUID();
    await harness.startWorkers();
    start();
    const become = async (...expected: readonly string[]): Promise<void> =>
      eventually(async () => expect(await outcomes(harness)).toEqual(expected));
    await harness.keep(id, 'FILLED');
    await become('applied');
    await harness.keep(id, 'REJECTED');
    await become('applied', 'illegal');
    for (const status of ['REJECTED', 'FILLED', 'INVALID']) await harness.keep(id, status);
    await become('applied', 'illegal', 'duplicate', 'repeated', 'illegal');
    expect(await subjectOf(harness, id)).toMatchObject({ state: 'FILLED', open: true });
  });
});

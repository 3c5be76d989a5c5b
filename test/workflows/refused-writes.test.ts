import { randomUUID } from 'node:crypto';

import { lifecycleTableOf } from '../support/partners';
import { workflowIdOf } from '../../src/domain/subject-key';
import { notificationSignal } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { object, says } from './contents';
import { type Harness, openHarness, outcomes, subjectOf } from './harness';

const NUL = String.fromCharCode(0);
const HALF_A_PAIR = '\ud83e';

/** A signal as somebody may send it by hand, past dispatch and its checks. */
function byHand(deliveryId: string, status: string, reason: string | null = null) {
  return {
    ...says('order', status, { reason }),
    ...{ deliveryId, receivedAt: new Date().toISOString(), contradictsEarlier: false },
  };
}

describe('what PostgreSQL refuses for what it holds', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness();
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(() => harness.close());

  const handleOf = (id: string) => harness.client.workflow.getHandle(`tradevest:order:${id}`);
  const alerts = async (): Promise<readonly string[]> => {
    const rows = await (
      await withFoldedAlerts(harness.database.kysely)
    )
      .selectFrom('alerts')
      .select('finding')
      .execute();
    return rows.map(({ finding }) => finding);
  };

  test('a delivery whose id is none is left out, and the flow goes on to its end', async () => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('PLACED'));
    await handleOf(id).signal(notificationSignal, byHand('no uuid', 'FILLED'));
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('FILLED'));
    const row = await subjectOf(harness, id);
    expect(row.subject?.facts?.refusedWrite).toContain('22P02');
    expect(await alerts()).toContain('refused-write');
    harness.objects.set(id, () => object('SETTLED'));
    await harness.keep(id, 'SETTLED');
    await eventually(async () => expect((await subjectOf(harness, id)).open).toBe(false));
    expect(await outcomes(harness)).toEqual(['applied', 'applied']);
  });

  test.each([
    ['NUL', NUL],
    ['half a pair', HALF_A_PAIR],
  ])('a reason with %s is written without it', async (_name, text) => {
    const id = randomUUID();
    await harness.keep(id, 'PLACED');
    await eventually(async () => expect((await subjectOf(harness, id)).state).toBe('PLACED'));
    const deliveryId = randomUUID();
    await handleOf(id).signal(notificationSignal, byHand(deliveryId, 'REJECTED', `no${text}cover`));
    await eventually(async () => {
      const row = await subjectOf(harness, id);
      expect(row).toMatchObject({ state: 'REJECTED', open: false });
      expect(row.subject?.reason).toBe('no\uFFFDcover');
    });
    expect(await handleOf(id).result()).toMatchObject({ state: 'REJECTED' });
    expect(await alerts()).toContain('refused-write');
  });

  test('a due time beyond the calendar of the database keeps no flow from being written', async () => {
    const table = lifecycleTableOf('tradevest', 'order');
    if (table === undefined) throw new Error('no table');
    const key = { partner: 'tradevest', object: 'order', id: randomUUID() };
    const policy = harness.dependencies.policies.policyOf(table);
    await harness.dependencies.flows.startExpecting(
      { key, table, policy, stored: null },
      { by: '+010000-01-01T00:00:00.000Z' },
    );
    await eventually(async () => expect((await subjectOf(harness, key.id)).subject).not.toBeNull());
    await harness.keep(key.id, 'PLACED');
    await eventually(async () => expect((await subjectOf(harness, key.id)).state).toBe('PLACED'));
    expect(await alerts()).toContain('refused-write');
    const shown = await harness.client.workflow.getHandle(workflowIdOf(key)).query('status');
    expect(shown).toMatchObject({ facts: { refusedWrite: expect.stringContaining('22') } });
  });

  test('a read that brings a character that cannot be written is kept without it', async () => {
    const id = randomUUID();
    harness.objects.set(id, () => object('FILLED', { facts: { note: `a${NUL}b` }, reason: HALF_A_PAIR }));
    await harness.keep(id, 'FILLED');
    await eventually(async () => {
      const row = await subjectOf(harness, id);
      expect(row.last_reading).toMatchObject({ reading: { facts: { note: 'a\uFFFDb' } } });
      expect(row.subject?.facts).toEqual({ note: 'a\uFFFDb' });
    });
  });
});

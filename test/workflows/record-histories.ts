import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { lifecycleTableOf } from '../support/partners';
import type { Reading } from '../../src/domain/reading';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { extendUpdate, refetchUpdate, resolveUpdate } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, subjectOf } from './harness';
import { recordingFolder } from './histories';

/** Where histories are kept: one file for each wait point, recorded *while* the flow waits there. */
const FOLDER = recordingFolder();

function object(status: string, quantityExecuted: boolean | null = null): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted, reason: null };
}

/** Everything is due after a second, and the ladder is short: overdue wait points come while one looks on. */
const HASTY = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [
      { alert: false, wait: 'PT1S' },
      { alert: true, wait: 'PT2H' },
    ],
    agreementWaits: ['PT0.3S', 'PT0.3S'],
    thenEvery: 'PT5H',
    due: { 'tradevest:order': { first: 'PT1S', PLACED: 'PT1S', FILLED: 'PT1H' } },
  },
  1,
);

interface Recording {
  readonly name: string;
  readonly hasty?: boolean;
  readonly objects?: () => Reading;
  readonly play: (harness: Harness, id: string, saw: (part: object) => Promise<void>) => Promise<void>;
}

async function deliver(
  harness: Harness,
  id: string,
  status: string,
  saw: (part: object) => Promise<void>,
): Promise<void> {
  await harness.keep(id, status);
  await saw({ state: status });
}

const BY = { by: 'recorder', reason: 'recorded' };

const recordings: readonly Recording[] = [
  { name: 'placed-waits-for-fill', play: (harness, id, saw) => deliver(harness, id, 'PLACED', saw) },
  {
    name: 'filled-waits-for-settlement',
    objects: () => object('FILLED', true),
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'PLACED', saw);
      await deliver(harness, id, 'FILLED', saw);
    },
  },
  {
    name: 'partially-filled-twice',
    objects: () => object('PARTIALLY_FILLED', true),
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'PARTIALLY_FILLED', saw);
      await harness.keep(id, 'PARTIALLY_FILLED');
      await eventually(() => expect(harness.reads.filter((read) => read === id)).toHaveLength(2));
    },
  },
  {
    name: 'settled-waits-for-agreement',
    objects: () => object('FILLED', true),
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'FILLED', saw);
      await harness.keep(id, 'SETTLED');
      await saw({ state: 'SETTLED', waiting_for: ['agreement'] });
    },
  },
  {
    name: 'agreement-never-came',
    hasty: true,
    objects: () => object('FILLED', true),
    play: async (harness, id, saw) => {
      await harness.keep(id, 'SETTLED');
      await saw({ finding: 'contradiction', overdue: true });
    },
  },
  {
    name: 'settled-and-ended',
    objects: () => object('SETTLED', true),
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'PLACED', saw);
      await harness.keep(id, 'SETTLED');
      await saw({ open: false });
    },
  },
  {
    name: 'rejected-and-ended',
    play: async (harness, id, saw) => {
      await harness.keep(id, 'REJECTED');
      await saw({ open: false });
    },
  },
  {
    name: 'canceled-owes-settlement',
    objects: () => object('CANCELED', true),
    play: async (harness, id, saw) => {
      await harness.keep(id, 'CANCELED');
      await saw({ waiting_for: ['SETTLED'] });
    },
  },
  {
    name: 'illegal-was-read',
    objects: () => object('FILLED', true),
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'FILLED', saw);
      await harness.keep(id, 'REJECTED');
      await eventually(() => expect(harness.reads.filter((read) => read === id)).toHaveLength(2));
    },
  },
  {
    name: 'overdue-slow',
    hasty: true,
    objects: () => object('PLACED'),
    play: async (harness, id, saw) => {
      await harness.keep(id, 'PLACED');
      await saw({ finding: 'slow', overdue: true });
    },
  },
  {
    name: 'overdue-absent-up-the-ladder',
    hasty: true,
    objects: () => ({ kind: 'absent' }),
    play: async (harness, id, saw) => {
      await harness.keep(id, 'PLACED');
      await saw({ finding: 'absent', overdue: true });
      await eventually(() => expect(harness.reads.filter((read) => read === id)).toHaveLength(2));
    },
  },
  {
    name: 'missed-then-waits-for-settlement',
    hasty: true,
    objects: () => object('FILLED', true),
    play: async (harness, id, saw) => {
      await harness.keep(id, 'PLACED');
      await saw({ finding: 'missed', state: 'FILLED' });
    },
  },
  {
    name: 'slow-then-came',
    hasty: true,
    objects: () => object('PLACED'),
    play: async (harness, id, saw) => {
      await harness.keep(id, 'PLACED');
      await saw({ finding: 'slow', overdue: true });
      harness.objects.set(id, () => object('FILLED', true));
      await harness.keep(id, 'FILLED');
      await saw({ state: 'FILLED', overdue: false });
    },
  },
  {
    name: 'expected-and-nothing-came',
    play: async (harness, id) => {
      const table = lifecycleTableOf('tradevest', 'order');
      if (table === undefined) throw new Error('no table');
      const key = { partner: 'tradevest', object: 'order', id } as const;
      await harness.dependencies.flows.startExpecting(
        { key, table, policy: harness.dependencies.policies.policyOf(table), stored: null },
        null,
      );
      await eventually(async () => expect((await subjectOf(harness, id)).waiting_for).toEqual(['notification']));
    },
  },
  {
    name: 'operator-refetched-and-extended',
    objects: () => object('PLACED'),
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'PLACED', saw);
      const handle = harness.client.workflow.getHandle(`tradevest:order:${id}`);
      await handle.executeUpdate(refetchUpdate, { args: [BY] });
      await handle.executeUpdate(extendUpdate, { args: [{ ...BY, seconds: 86_400 }] });
    },
  },
  {
    name: 'operator-resolved',
    play: async (harness, id, saw) => {
      await deliver(harness, id, 'PLACED', saw);
      const handle = harness.client.workflow.getHandle(`tradevest:order:${id}`);
      await handle.executeUpdate(resolveUpdate, { args: [{ ...BY, result: 'done' }] });
      await saw({ open: false });
    },
  },
];

describe('recording', () => {
  test.each(recordings)('$name', async ({ name, hasty, objects, play }) => {
    const harness = await openHarness(hasty === true ? { policies: HASTY } : {});
    try {
      await harness.startWorkers();
      harness.startDispatch();
      const id = randomUUID();
      if (objects !== undefined) harness.objects.set(id, objects);
      await play(harness, id, async (part) => {
        await eventually(async () => expect(await subjectOf(harness, id)).toMatchObject(part));
      });
      // The write that made the row look so may not have been taken in by the flow yet.
      await new Promise((resolve) => setTimeout(resolve, 700));
      const history = await harness.client.workflow.getHandle(`tradevest:order:${id}`).fetchHistory();
      writeFileSync(join(FOLDER, `order.${name}.json`), historyToJSON(history));
    } finally {
      await harness.close();
    }
  });
});

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import { partsOfSetId } from '../../src/domain/lifecycles/corporate-actions/set-id';
import type { CorporateActionContent } from '../../src/domain/notification';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import { ReadFailure } from '../../src/partners/reading';
import type { PartnerSweep } from '../../src/partners/sweep';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { createManyOperators } from '../../src/operator/actions';
import { policyUpdate } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { lifecycleTableOf } from '../support/partners';
import { type Harness, openHarness, rowOf } from './harness';
import { recordingFolder } from './histories';

/** One history for each wait point of a corporate action's set, recorded *while* the flow waits there. */
const FOLDER = recordingFolder();

const QUIET_PERIOD = 'PT1S';

const policiesWith = (due: Readonly<Record<string, string>>) =>
  createPolicies(
    {
      ...DEFAULT_POLICY_SETTINGS,
      ladder: [{ alert: true, wait: 'PT2H' }],
      due: { 'bitpanda:corporate-action': { settle: QUIET_PERIOD, obligation: 'P1D', ...due } },
    },
    1,
  );

/** One movement of a set; money is an obligation. */
function moves(key: SubjectKey, instrument: string, amount: string, type = 'spin_off'): CorporateActionContent {
  const [corporateActionId = '', userId = ''] = key.id.split(':');
  const isObligation = instrument.startsWith('fiat:');
  const leg = isObligation ? 'fiat' : 'asset';
  const bare = { direction: null, assetGroup: 'stock', fee: null, value: null, alias: null };
  const booking = {
    transactionId: randomUUID(),
    userId,
    corporateActionId,
    type,
    creditedAt: '2026-03-02T09:00:00Z',
    legs: [{ ...bare, leg, instrument, amount, isObligation }],
    mayGrow: false,
  };
  return { lifecycle: 'corporateAction', event: 'TEST', booking };
}

interface Stage {
  readonly harness: Harness;
  readonly key: SubjectKey;
  readonly saw: (part: object, key?: SubjectKey) => Promise<void>;
}

interface Recording {
  readonly name: string;
  readonly due?: Readonly<Record<string, string>>;
  readonly sweep?: PartnerSweep;
  readonly play: (stage: Stage) => Promise<void>;
}

const freshSet = (corporateActionId: string = randomUUID()): SubjectKey => ({
  partner: 'bitpanda',
  object: 'corporate-action',
  id: `${corporateActionId}:${randomUUID()}`,
});

/** The corporate action of a set, which one flow follows as a whole. */
const actionOf = ({ id, ...key }: SubjectKey): SubjectKey => ({ ...key, id: partsOfSetId(id).corporateActionId });

async function three({ harness }: Stage, key: SubjectKey): Promise<void> {
  for (const [instrument, amount] of [
    ['asset:1', '-10'],
    ['asset:1', '10'],
    ['asset:2', '5'],
  ] as const)
    await harness.tell(key, moves(key, instrument, amount));
}

async function two({ harness }: Stage, key: SubjectKey): Promise<void> {
  await harness.tell(key, moves(key, 'asset:1', '-8'));
  await harness.tell(key, moves(key, 'asset:1', '8'));
}

const recordings: readonly Recording[] = [
  {
    name: 'corporateAction.settles',
    due: { settle: 'PT1H' },
    play: async (stage) => {
      await three(stage, stage.key);
      await stage.saw({ waiting_for: ['settle'], open: true });
    },
  },
  {
    name: 'corporateAction.complete-rests',
    play: async (stage) => {
      await three(stage, stage.key);
      await stage.saw({ open: false });
    },
  },
  {
    name: 'corporateAction.settles-anew-after-its-timer',
    play: async (stage) => {
      await two(stage, stage.key);
      await new Promise((resolve) => setTimeout(resolve, 600));
      await stage.harness.tell(stage.key, moves(stage.key, 'asset:2', '4'));
      await stage.saw({ open: false });
    },
  },
  {
    name: 'corporateAction.unverified-waits-for-answer',
    play: async (stage) => {
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'], overdue: false });
    },
  },
  {
    name: 'corporateAction.unverified-overdue',
    due: { answer: 'PT1S' },
    play: async (stage) => {
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'], overdue: true });
    },
  },
  {
    name: 'corporateAction.partner-unreachable',
    sweep: () => Promise.reject(new ReadFailure('forbidden', 'not ours')),
    play: async (stage) => {
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'], finding: 'unreachable' });
    },
  },
  {
    name: 'corporateAction.break-then-its-third-leg-comes',
    play: async (stage) => {
      const others = [0, 1].map(() => freshSet(stage.key.id.split(':')[0]));
      for (const other of others) await three(stage, other);
      for (const other of others) await stage.saw({ open: false }, other);
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'] });
      await stage.harness.tell(stage.key, moves(stage.key, 'asset:2', '4'));
      await stage.saw({ open: false });
    },
  },
  {
    name: 'corporateAction.verdict-changed-by-other-holders',
    play: async (stage) => {
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'] });
      const others = [0, 1].map(() => freshSet(stage.key.id.split(':')[0]));
      for (const other of others) await three(stage, other);
      await eventually(async () => {
        const { subject } = await rowOf(stage.harness, stage.key);
        expect(subject?.facts).toMatchObject({ verdict: 'break' });
      });
    },
  },
  {
    name: 'corporateAction.waits-for-its-obligation',
    play: async (stage) => {
      await stage.harness.tell(stage.key, moves(stage.key, 'fiat:1', '4', 'dividend'));
      await stage.saw({ waiting_for: ['obligation'], overdue: false });
    },
  },
  {
    name: 'corporateAction.obligation-overdue',
    due: { obligation: 'PT2S' },
    play: async (stage) => {
      await stage.harness.tell(stage.key, moves(stage.key, 'fiat:1', '4', 'dividend'));
      await stage.saw({ waiting_for: ['obligation'], overdue: true });
    },
  },
  {
    name: 'corporateAction.resolved-by-an-operator',
    play: async (stage) => {
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'] });
      const handle = stage.harness.client.workflow.getHandle(workflowIdOf(actionOf(stage.key)));
      const { userId } = partsOfSetId(stage.key.id);
      await handle.executeUpdate('resolve', {
        args: [{ by: 'tests', reason: 'settled by hand', result: 'done', userId }],
      });
      await stage.saw({ open: false });
    },
  },
  {
    name: 'corporateAction.acted-on-one-many-and-by-policy',
    play: async (stage) => {
      const { harness, key } = stage;
      const keys = [key, freshSet(partsOfSetId(key.id).corporateActionId)];
      for (const one of keys) await two(stage, one);
      for (const one of keys) await stage.saw({ waiting_for: ['answer'] }, one);
      const operate = createManyOperators(harness.client, harness.database.kysely);
      const by = { by: 'tests', reason: 'recorded' };
      const ids = keys.map(workflowIdOf);
      for (const action of [
        { kind: 'refetch', ...by },
        { kind: 'extend', seconds: 86_400, ...by },
      ] as const) {
        await operate(ids.slice(0, 1), action);
        await operate(ids, action);
      }
      await harness.client.workflow.getHandle(workflowIdOf(actionOf(key))).executeUpdate(policyUpdate, {
        args: [policiesWith({ answer: 'P9D' }).policyOf(tableOfActions())],
      });
      await operate(ids, { kind: 'resolve', result: 'done', ...by });
      for (const one of keys) await stage.saw({ open: false }, one);
    },
  },
  {
    name: 'corporateAction.news-while-it-waits',
    play: async (stage) => {
      await two(stage, stage.key);
      await stage.saw({ waiting_for: ['answer'] });
      for (let count = 0; count < 3; count += 1) {
        const other = freshSet(partsOfSetId(stage.key.id).corporateActionId);
        await three(stage, other);
        await stage.saw({ open: false }, other);
      }
      await stage.harness.tell(stage.key, moves(stage.key, 'asset:2', '4'));
      await stage.saw({ open: false });
    },
  },
];

function tableOfActions() {
  const table = lifecycleTableOf('bitpanda', 'corporate-action');
  if (table === undefined) throw new Error('no lifecycle of corporate actions');
  return table;
}

/** A failure tells where in whose folders the code lay: nothing of that belongs into a file that is kept. */
function withoutPlaces(history: string): string {
  return history.replace(/"stackTrace": ?"(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}

describe('recording sets', () => {
  test.each(recordings)('$name', async ({ name, due = {}, sweep, play }) => {
    const harness = await openHarness({
      partners: ['bitpanda'],
      policies: policiesWith(due),
      ...(sweep === undefined ? {} : { sweep }),
    });
    const key = freshSet();
    try {
      await harness.startWorkers();
      harness.startDispatch();
      await play({
        harness,
        key,
        saw: async (part, of = key) => {
          await eventually(async () => expect(await rowOf(harness, of)).toMatchObject(part));
        },
      });
      // The write that made the row look so may not have been taken in by the flow yet.
      await new Promise((resolve) => setTimeout(resolve, 700));
      const history = await harness.client.workflow.getHandle(workflowIdOf(actionOf(key))).fetchHistory();
      writeFileSync(join(FOLDER, `${name}.json`), withoutPlaces(historyToJSON(history)));
    } finally {
      await harness.close();
    }
  });
});

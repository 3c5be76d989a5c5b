import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';

import type { DecisionMaker } from '../../activities/decide-recurrence';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import type { Reading } from '../../src/domain/reading';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { eventually } from '../support/eventually';
import { ended, freshKey, object, planSays, says, upcoming } from './contents';
import { type Harness, openHarness, rowOf } from './harness';
import { recordingFolder } from './histories';

/** As the histories of orders: one file for each wait point, recorded *while* the flow waits there. */
const FOLDER = recordingFolder();

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What is overdue one day is so after a second; the ladder stands still after its first rung. */
const HASTY = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [{ alert: true, wait: 'PT2H' }],
    agreementWaits: ['PT0.3S'],
    due: {
      'tradevest:onboarding': { APPROVED: 'PT1S' },
      'tradevest:identification': { APPROVED: 'PT1S' },
      'tradevest:document': { APPROVED: 'PT1S' },
      'bitpanda:payout': { 'send-money': 'PT1S' },
      'bitpanda:savings-plan': { 'recurrence end': 'PT1S', 'own recurrence': 'PT0.1S' },
    },
  },
  1,
);

interface Stage {
  readonly harness: Harness;
  readonly key: SubjectKey;
  /** What reading an object shows from now on. */
  readonly shows: (reading: Reading, id?: string) => void;
  /** Waits until the subject's row looks so. */
  readonly saw: (part: object) => Promise<void>;
}

interface Recording {
  readonly name: string;
  readonly key: SubjectKey;
  readonly hasty?: boolean;
  readonly decisionMaker?: DecisionMaker;
  readonly play: (stage: Stage) => Promise<void>;
}

const NO_BACKEND: DecisionMaker = { url: 'http://127.0.0.1:1/decide' };

const transfer = (): SubjectKey => freshKey('tradevest', 'transfer');
const payout = (): SubjectKey => freshKey('bitpanda', 'payout');

const transfers: readonly Recording[] = [
  {
    name: 'transfer.pending-waits',
    key: transfer(),
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('transfer', 'PENDING'));
      await saw({ state: 'PENDING', open: true });
    },
  },
  {
    name: 'transfer.processed-waits-for-agreement',
    key: transfer(),
    play: async ({ harness, key, shows, saw }) => {
      shows(object('PENDING'));
      await harness.tell(key, says('transfer', 'PROCESSED'));
      await saw({ state: 'PROCESSED', waiting_for: ['agreement'] });
    },
  },
  {
    name: 'transfer.processed-and-ended',
    key: transfer(),
    play: async ({ harness, key, shows, saw }) => {
      shows(object('PROCESSED'));
      await harness.tell(key, says('transfer', 'PROCESSED'));
      await saw({ state: 'PROCESSED', open: false });
    },
  },
  {
    name: 'transfer.payout-waits-for-success',
    key: payout(),
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('transfer', 'send-money'));
      await saw({ waiting_for: ['send-money-success'] });
    },
  },
  {
    name: 'transfer.payout-overdue-without-a-read',
    key: payout(),
    hasty: true,
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('transfer', 'send-money'));
      await saw({ overdue: true, finding: 'unreachable' });
    },
  },
];

const onboarding = (): SubjectKey => freshKey('tradevest', 'onboarding');
const CUSTOMER = freshKey('tradevest', 'customer');
const WORD = `customer:${CUSTOMER.id}`;
const namesCustomer = { named: { [WORD]: null } };

const onboardings: readonly Recording[] = [
  {
    name: 'onboarding.pending-waits',
    key: onboarding(),
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('onboarding', 'PENDING'));
      await saw({ state: 'PENDING', open: true });
    },
  },
  {
    name: 'onboarding.approved-waits-for-those-named',
    key: onboarding(),
    play: async ({ harness, key, shows, saw }) => {
      shows(object('APPROVED', namesCustomer));
      await harness.tell(key, says('onboarding', 'APPROVED'));
      await saw({ waiting_for: [WORD], overdue: false });
    },
  },
  {
    name: 'onboarding.approved-names-the-missing',
    key: onboarding(),
    hasty: true,
    play: async ({ harness, key, shows, saw }) => {
      shows(object('APPROVED', namesCustomer));
      shows(object('PENDING'), CUSTOMER.id);
      await harness.tell(key, says('onboarding', 'APPROVED'));
      await saw({ overdue: true, finding: 'slow', waiting_for: [WORD] });
    },
  },
  {
    name: 'onboarding.approved-and-ended',
    key: onboarding(),
    play: async ({ harness, key, shows, saw }) => {
      await harness.tell(CUSTOMER, says('onboarding', 'ACTIVE'));
      await eventually(async () =>
        expect(await rowOf(harness, CUSTOMER)).toMatchObject({ state: 'ACTIVE', open: false }),
      );
      shows(object('APPROVED', namesCustomer));
      await harness.tell(key, says('onboarding', 'APPROVED'));
      await saw({ state: 'APPROVED', open: false });
    },
  },
  {
    name: 'onboarding.rejected-waits-to-be-judged',
    key: onboarding(),
    play: async ({ harness, key, shows, saw }) => {
      shows(object('REJECTED', namesCustomer));
      await harness.tell(key, says('onboarding', 'REJECTED'));
      await saw({ state: 'REJECTED', waiting_for: [WORD] });
    },
  },
  {
    name: 'onboarding.rejected-and-judged',
    key: onboarding(),
    play: async ({ harness, key, shows, saw }) => {
      await harness.tell(CUSTOMER, says('onboarding', 'CREATED'));
      await eventually(async () =>
        expect(await rowOf(harness, CUSTOMER)).toMatchObject({ state: 'CREATED', open: false }),
      );
      shows(object('REJECTED', namesCustomer));
      await harness.tell(key, says('onboarding', 'REJECTED'));
      await saw({ state: 'REJECTED', open: false });
    },
  },
  {
    name: 'onboarding.customer-rested-and-woken',
    key: freshKey('tradevest', 'customer'),
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('onboarding', 'CREATED'));
      await saw({ state: 'CREATED', open: false });
      await harness.tell(key, says('onboarding', 'PENDING'));
      await saw({ state: 'PENDING', open: true });
    },
  },
  {
    name: 'onboarding.identification-waits-for-its-document',
    key: freshKey('tradevest', 'identification'),
    play: async ({ harness, key, shows, saw }) => {
      shows(object('APPROVED'));
      await harness.tell(key, says('onboarding', 'APPROVED'));
      await saw({ waiting_for: ['documentId'] });
    },
  },
];

const CUSTOMERS = Array.from({ length: 25 }, () => randomUUID());

const papers: readonly Recording[] = [
  {
    name: 'document.waits-for-reading',
    key: freshKey('tradevest', 'document'),
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('document', 'APPROVED'));
      await saw({ waiting_for: ['reading'] });
    },
  },
  {
    name: 'document.absent-when-due',
    key: freshKey('tradevest', 'document'),
    hasty: true,
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, says('document', 'APPROVED'));
      await saw({ overdue: true, finding: 'absent' });
    },
  },
  {
    name: 'document.read-and-rests',
    key: freshKey('tradevest', 'partner-document'),
    play: async ({ harness, key, shows, saw }) => {
      shows(object('', { facts: { version: '1' } }));
      await harness.tell(key, says('document', null));
      await saw({ open: false });
    },
  },
  {
    name: 'document.labels-read-in-steps',
    key: freshKey('tradevest', 'labels'),
    play: async ({ harness, key, shows, saw }) => {
      for (const id of CUSTOMERS) shows(object('ACTIVE'), id);
      await harness.tell(key, says('document', 'UPDATED', { named: CUSTOMERS.map((id) => `customer:${id}`) }));
      await saw({ open: false });
    },
  },
];

const plan = (): SubjectKey => freshKey('bitpanda', 'savings-plan');
const NEXT_MS = 7 * DAY_MS;

const plans: readonly Recording[] = [
  {
    name: 'savingsPlan.asked',
    key: plan(),
    decisionMaker: NO_BACKEND,
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', HOUR_MS, NEXT_MS)));
      await saw({ waiting_for: ['decision'] });
    },
  },
  {
    name: 'savingsPlan.unconfirmed',
    key: plan(),
    decisionMaker: NO_BACKEND,
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', 3_000, NEXT_MS)));
      await saw({ waiting_for: ['finished', 'not_confirmed'] });
    },
  },
  {
    name: 'savingsPlan.nobody-to-ask',
    key: plan(),
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', HOUR_MS, NEXT_MS)));
      await saw({ waiting_for: ['finished', 'not_confirmed'] });
    },
  },
  {
    name: 'savingsPlan.too-late',
    key: plan(),
    decisionMaker: 'auto',
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', -1_000, NEXT_MS)));
      await saw({ waiting_for: ['finished', 'not_confirmed'] });
    },
  },
  {
    name: 'savingsPlan.confirmed-waits-for-end',
    key: plan(),
    decisionMaker: 'auto',
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', HOUR_MS, NEXT_MS)));
      await saw({ waiting_for: ['finished', 'not_confirmed'] });
    },
  },
  {
    name: 'savingsPlan.end-overdue',
    key: plan(),
    hasty: true,
    decisionMaker: 'auto',
    play: async ({ harness, key, shows, saw }) => {
      shows(object('active'));
      await harness.tell(key, planSays(upcoming('r1', 2_000, NEXT_MS)));
      await saw({ overdue: true, finding: 'slow', waiting_for: ['finished', 'not_confirmed'] });
    },
  },
  {
    name: 'savingsPlan.waits-for-next-upcoming',
    key: plan(),
    decisionMaker: 'auto',
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', HOUR_MS, NEXT_MS)));
      await saw({ waiting_for: ['finished', 'not_confirmed'] });
      await harness.tell(key, planSays(ended('r1', 'finished')));
      await saw({ waiting_for: ['upcoming'] });
    },
  },
  {
    name: 'savingsPlan.next-upcoming-overdue',
    key: plan(),
    hasty: true,
    decisionMaker: 'auto',
    play: async ({ harness, key, shows, saw }) => {
      shows(object('active'));
      await harness.tell(key, planSays(upcoming('r1', 1_000, 3_000)));
      await harness.tell(key, planSays(ended('r1', 'finished')));
      await saw({ overdue: true, finding: 'slow', waiting_for: ['upcoming'] });
    },
  },
  {
    name: 'savingsPlan.canceled-waits-for-open-recurrence',
    key: plan(),
    decisionMaker: 'auto',
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(upcoming('r1', HOUR_MS, NEXT_MS)));
      await saw({ waiting_for: ['finished', 'not_confirmed'] });
      await harness.tell(key, planSays({ kind: 'auto-cancel', reason: 'delisting' }));
      await saw({ state: 'canceled', open: true });
    },
  },
  {
    name: 'savingsPlan.canceled-and-ended',
    key: plan(),
    decisionMaker: 'auto',
    play: async ({ harness, key, saw }) => {
      await harness.tell(key, planSays(ended('r1', 'finished')));
      await saw({ waiting_for: ['upcoming'] });
      await harness.tell(key, planSays({ kind: 'auto-cancel', reason: 'delisting' }));
      await saw({ state: 'canceled', open: false });
    },
  },
];

/** A failure tells where in whose folders the code lay: nothing of that belongs into a file that is kept. */
function withoutPlaces(history: string): string {
  return history.replace(/"stackTrace": ?"(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}

describe('recording every type', () => {
  test.each([...transfers, ...onboardings, ...papers, ...plans])(
    '$name',
    async ({ name, key, hasty, decisionMaker, play }) => {
      const harness = await openHarness({
        partners: ['tradevest', 'bitpanda'],
        decisionMaker: decisionMaker ?? null,
        confirm: () => Promise.resolve('confirmed'),
        ...(hasty === true ? { policies: HASTY } : {}),
      });
      try {
        await harness.startWorkers();
        harness.startDispatch();
        await play({
          harness,
          key,
          shows: (reading, id = key.id) => harness.objects.set(id, () => reading),
          saw: async (part) => {
            await eventually(async () => expect(await rowOf(harness, key)).toMatchObject(part));
          },
        });
        // The write that made the row look so may not have been taken in by the flow yet.
        await new Promise((resolve) => setTimeout(resolve, 700));
        const history = await harness.client.workflow.getHandle(workflowIdOf(key)).fetchHistory();
        writeFileSync(join(FOLDER, `${name}.json`), withoutPlaces(historyToJSON(history)));
      } finally {
        await harness.close();
      }
    },
  );
});

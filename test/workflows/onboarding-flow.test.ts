import { randomUUID } from 'node:crypto';

import type { SubjectKey } from '../../src/domain/subject-key';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { describe as describeSubject } from '../../workflows/ui-text';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { freshKey, object, says } from './contents';
import { type Harness, openHarness, outcomes, rowOf } from './harness';

const POLICIES = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [{ alert: true, wait: 'PT1S' }],
    thenEvery: 'PT1S',
    agreementWaits: ['PT0.3S', 'PT0.3S', 'PT0.3S'],
    due: { 'tradevest:onboarding': { APPROVED: 'PT2S', REJECTED: 'PT2S' } },
  },
  1,
);

describe('onboardings and what they name, on real servers', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness({ policies: POLICIES });
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterEach(() => harness.close());

  const saw = async (key: SubjectKey, part: object): Promise<void> => {
    await eventually(async () => expect(await rowOf(harness, key)).toMatchObject(part));
  };
  const shown = async (key: SubjectKey): Promise<string> => {
    const { subject } = await rowOf(harness, key);
    return subject === null ? '' : describeSubject('Tradevest onboarding', subject);
  };

  test('an approved onboarding whose customer never becomes ACTIVE names that customer, and ends once it does', async () => {
    const key = freshKey('tradevest', 'onboarding');
    const [customer, person] = [freshKey('tradevest', 'customer'), freshKey('tradevest', 'natural-person')];
    const word = `customer:${customer.id}`;
    harness.objects.set(key.id, () =>
      object('APPROVED', { named: { [word]: null, [`natural-person:${person.id}`]: null } }),
    );
    harness.objects.set(customer.id, () => object('PENDING'));
    await harness.tell(person, says('onboarding', 'ACTIVE'));
    await saw(person, { state: 'ACTIVE', open: false });
    await harness.tell(key, says('onboarding', 'APPROVED'));
    await saw(key, { overdue: true, finding: 'slow', waiting_for: [word] });
    expect((await rowOf(harness, key)).subject?.findings.at(-1)).toMatchObject({ finding: 'slow', found: word });
    expect(await shown(key)).toContain(`owed: ${word}`);
    const alerts = await (
      await withFoldedAlerts(harness.database.kysely)
    )
      .selectFrom('alerts')
      .select(['finding', 'examples'])
      .execute();
    expect(alerts).toMatchObject([{ finding: 'slow', examples: [`tradevest:onboarding:${key.id}`] }]);

    await harness.tell(customer, says('onboarding', 'ACTIVE'));
    await saw(key, { state: 'APPROVED', open: false, overdue: false });
    expect(await outcomes(harness)).toEqual(['applied', 'applied', 'applied']);
  });

  test('a fixable rejection and a critical one read differently', async () => {
    const judged = async (state: 'CREATED' | 'REJECTED'): Promise<string> => {
      const [key, customer] = [freshKey('tradevest', 'onboarding'), freshKey('tradevest', 'customer')];
      harness.objects.set(key.id, () => object('REJECTED', { named: { [`customer:${customer.id}`]: null } }));
      await harness.tell(customer, says('onboarding', state));
      await saw(customer, { state, open: false });
      await harness.tell(key, says('onboarding', 'REJECTED'));
      await saw(key, { state: 'REJECTED', open: false });
      return shown(key);
    };
    expect(await judged('CREATED')).toContain('- rejection: **fixable**');
    expect(await judged('REJECTED')).toContain('- rejection: **critical**');
  });

  test('a labels update of forty-five customers reads each of them once, in steps, and ends', async () => {
    const key = freshKey('tradevest', 'labels');
    const customers = Array.from({ length: 45 }, () => randomUUID());
    for (const id of customers) harness.objects.set(id, () => object('ACTIVE'));
    await harness.tell(key, says('document', 'UPDATED', { named: customers.map((id) => `customer:${id}`) }));
    await saw(key, { state: 'UPDATED', open: false });
    expect([...harness.reads].sort()).toEqual([...customers].sort());
    expect(Object.values((await rowOf(harness, key)).subject?.named ?? {})).toEqual(customers.map(() => 'ACTIVE'));
  });

  test('a labels update with more unknown customers than one step reads still reads all the others', async () => {
    const key = freshKey('tradevest', 'labels');
    const gone = Array.from({ length: 25 }, () => randomUUID());
    const known = Array.from({ length: 5 }, () => randomUUID());
    for (const id of known) harness.objects.set(id, () => object('ACTIVE'));
    await harness.tell(key, says('document', 'UPDATED', { named: [...gone, ...known].map((id) => `customer:${id}`) }));
    await eventually(() => expect(harness.reads).toEqual(expect.arrayContaining(known)));
  });
});

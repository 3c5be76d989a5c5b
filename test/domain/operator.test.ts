import { foldNotification } from '../../src/domain/fold-notification';
import { foldReading } from '../../src/domain/fold-reading';
import { tradevestOnboarding } from '../../src/domain/lifecycles/tradevest-onboarding';
import { extendSubject, refetchSubject } from '../../src/domain/operator';
import { newSubject } from '../../src/domain/rules';
import { rulesOf, START } from './run-subject';
import { reading } from './scenario';

const rules = rulesOf(tradevestOnboarding);

test('more time that an operator gave an approved onboarding is not taken back by a read that brings nothing new', () => {
  const notification = {
    lifecycle: 'onboarding',
    event: 'TEST',
    status: 'APPROVED',
    reason: null,
    executions: [],
    readHints: {},
    deliveryId: '1',
    receivedAt: START,
    contradictsEarlier: false,
  } as const;
  const approved = foldNotification(rules, newSubject(rules, 'x', START, null), notification, START).subject;
  const shows = reading('APPROVED', { named: { 'customer:c1': 'PENDING' } });
  const waiting = foldReading(rules, approved, 'record', { reading: shows, backlog: false }, START).subject;
  const extended = extendSubject(waiting, 10 * 86_400, START);
  const asked = refetchSubject(extended, START);
  const after = foldReading(rules, asked, 'operator', { reading: shows, backlog: false }, START).subject;
  expect(after).toMatchObject({ waitingFor: ['customer:c1'], dueAt: extended.dueAt, overdue: false });
});

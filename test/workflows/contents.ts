import { randomUUID } from 'node:crypto';

import type { Partner } from '../../src/domain/partner';
import type { PlanNews } from '../../src/domain/lifecycles/savings-plan/plan-news';
import type { SavingsPlanContent, StateContent } from '../../src/domain/notification';
import type { SubjectKey } from '../../src/domain/subject-key';
import type { Reading } from '../../src/domain/reading';

/** A key of an object that no other test knows. */
export function freshKey(partner: Partner, object: string): SubjectKey {
  return { partner, object, id: randomUUID() };
}

/** What a webhook with a status says. */
export function says(
  lifecycle: StateContent['lifecycle'],
  status: string | null,
  more: Partial<StateContent> = {},
): StateContent {
  return { lifecycle, event: 'TEST', status, reason: null, executions: [], readHints: {}, ...more };
}

/** What a savings plan's webhook says. */
export function planSays(news: PlanNews): SavingsPlanContent {
  return { lifecycle: 'savingsPlan', event: 'TEST', news, readHints: { userId: 'u1' } };
}

/** A recurrence announced with so many milliseconds left to confirm it; negative ones are over. */
export function upcoming(transactionId: string, leftMs: number, nextMs: number): PlanNews {
  return {
    kind: 'upcoming',
    transactionId,
    userId: 'u1',
    amount: '25',
    currency: '1',
    deadline: new Date(Date.now() + leftMs).toISOString(),
    nextRecurrence: new Date(Date.now() + nextMs).toISOString(),
    frequency: 'weekly',
  };
}

/** How a recurrence ended. */
export function ended(transactionId: string, status: string): PlanNews {
  return { kind: 'final', transactionId, status, reason: null };
}

/** What reading an object gives. */
export function object(status: string, more: Partial<Extract<Reading, { kind: 'object' }>> = {}): Reading {
  return { kind: 'object', status, executions: [], quantityExecuted: null, reason: null, ...more };
}

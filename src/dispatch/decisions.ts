import { lifecycleTableOf } from '../domain/lifecycles';
import { type Notification, workflowIdOf } from '../domain/notification';
import type { Policies } from '../domain/rules';
import type { StoredSubject } from '../domain/subject-write';
import type { Decoded, Decoding } from '../partners/event';
import type { Claim, KeyStanding, Settlement } from '../store/claims';
import type { FlowAddress } from './flow-starter';

/** A claimed delivery together with what its partner's folder made of it. */
export interface Understood {
  readonly claim: Claim;
  readonly decoded: Decoded;
}

/** What is to be done with one delivery. */
export type Decision =
  | { readonly kind: 'settle'; readonly settlement: Settlement }
  | {
      readonly kind: 'late';
      readonly settlement: Settlement;
      readonly address: FlowAddress;
      readonly status: string | null;
    }
  | {
      readonly kind: 'signal';
      readonly claim: Claim;
      readonly address: FlowAddress;
      readonly notification: Notification;
    };

/** Parks what could not be understood, and what is authentic but too old to act on; null when it is understood. */
export function parked(claim: Claim, decoding: Decoding): Settlement | null {
  const base = { claim, workflowId: null, status: 'parked' } as const;
  if (!decoding.ok) return { ...base, event: decoding.event, problem: decoding.problem };
  if (claim.verdict === 'authentic') return null;
  const problem = { path: 'signature', expected: 'a signature no older than the maximum age', found: claim.verdict };
  return { ...base, event: decoding.decoded.event, problem };
}

function notificationOf(understood: Understood, standing: KeyStanding | undefined): Notification {
  const { claim, decoded } = understood;
  return {
    ...decoded.content,
    deliveryId: claim.id,
    receivedAt: claim.receivedAt.toISOString(),
    contradictsEarlier: standing?.contradictsEarlier === true,
  };
}

/**
 * Decides what an understood delivery is: a duplicate by key and meaning, late by the store (the authority on what is
 * closed, because Temporal forgets after its retention), or news for its flow.
 */
export function decide(
  understood: Understood,
  standing: KeyStanding | undefined,
  stored: StoredSubject | null,
  policies: Policies,
): Decision {
  const { claim, decoded } = understood;
  const workflowId = workflowIdOf(decoded.subject);
  const base = { claim, event: decoded.event, workflowId } as const;
  if (standing !== undefined && standing.firstDeliveryId !== claim.id) {
    return { kind: 'settle', settlement: { ...base, status: 'duplicate' } };
  }
  const table = lifecycleTableOf(decoded.subject.partner, decoded.subject.object);
  if (table === undefined) {
    const problem = { path: 'event', expected: 'an event whose lifecycle is followed', found: decoded.event };
    return { kind: 'settle', settlement: { ...base, status: 'parked', problem } };
  }
  const address = { key: decoded.subject, table, policy: policies.policyOf(table), stored };
  if (stored?.subject.closedForGood === true) {
    const settlement = { ...base, status: 'delivered', outcome: 'late', runId: null } as const;
    return { kind: 'late', settlement, address, status: decoded.content.status };
  }
  return { kind: 'signal', claim, address, notification: notificationOf(understood, standing) };
}

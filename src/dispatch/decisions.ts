import { lifecycleTableOf } from '../domain/lifecycles';
import {
  type Arrival,
  type CallToAct,
  type Notification,
  type RecordedContent,
  workflowIdOf,
} from '../domain/notification';
import { recordedSubject } from '../domain/recorded';
import type { Policies } from '../domain/rules';
import type { Subject } from '../domain/subject';
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
  /** Nothing is owed after it: the row is all there is. */
  | {
      readonly kind: 'record';
      readonly settlement: Settlement;
      readonly subject: Subject;
      readonly callToAct: CallToAct | null;
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

function arrivalOf({ claim }: Understood, standing: KeyStanding | undefined): Arrival {
  return {
    deliveryId: claim.id,
    receivedAt: claim.receivedAt.toISOString(),
    contradictsEarlier: standing?.contradictsEarlier === true,
    ...(claim.source === 'sweep' ? { isSwept: true as const } : {}),
  };
}

/** What is only written down; the same event id with another meaning is illegal and writes nothing over. */
function record(understood: Understood, content: RecordedContent, arrival: Arrival): Decision {
  const { claim, decoded } = understood;
  const outcome = arrival.contradictsEarlier ? 'illegal' : 'applied';
  const workflowId = workflowIdOf(decoded.subject);
  const settlement = { claim, event: decoded.event, workflowId, status: 'delivered', outcome, runId: null } as const;
  if (arrival.contradictsEarlier) return { kind: 'settle', settlement };
  const subject = recordedSubject(decoded.subject, content, arrival.receivedAt);
  return { kind: 'record', settlement, subject, callToAct: content.callToAct ?? null };
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
  const { content } = decoded;
  const arrival = arrivalOf(understood, standing);
  if (content.lifecycle === 'recorded') return record(understood, content, arrival);
  const table = lifecycleTableOf(decoded.subject.partner, decoded.subject.object);
  if (table === undefined) {
    const problem = { path: 'event', expected: 'an event whose lifecycle is followed', found: decoded.event };
    return { kind: 'settle', settlement: { ...base, status: 'parked', problem } };
  }
  const address = { key: decoded.subject, table, policy: policies.policyOf(table), stored };
  if (stored?.subject.closedForGood === true) {
    const settlement = { ...base, status: 'delivered', outcome: 'late', runId: null } as const;
    const status = content.lifecycle === 'savingsPlan' ? null : content.status;
    return { kind: 'late', settlement, address, status };
  }
  return { kind: 'signal', claim, address, notification: { ...content, ...arrival } };
}

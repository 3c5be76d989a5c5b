import { type BookedLeg, decideBooking } from '../domain/booking';
import type { Partners } from '../partners/partners';
import {
  type Arrival,
  bookingOf,
  type CallToAct,
  type Notification,
  type RecordedContent,
} from '../domain/notification';
import type { Booking } from '../domain/booking';
import { workflowIdOf } from '../domain/subject-key';
import { recordedSubject } from '../domain/recorded';
import type { Policies } from '../domain/lifecycles/rules';
import type { Subject } from '../domain/subject';
import type { StoredSubject } from '../domain/subject-write';
import type { Decoded, Decoding } from '../partners/event';
import type { BookEntry } from '../ledger/book';
import type { Claim, DuplicateCheck, DeliveryDecision } from '../store/deliveries/claims';
import type { FlowAddress } from '../temporal/flow-client';

/** A claimed delivery together with what its partner's folder made of it. */
export interface DecodedDelivery {
  readonly claim: Claim;
  readonly decoded: Decoded;
}

/** What is to be done with one delivery. */
export type Decision =
  | { readonly kind: 'settle'; readonly settlement: DeliveryDecision }
  | {
      readonly kind: 'late';
      readonly settlement: DeliveryDecision;
      readonly address: FlowAddress;
      readonly status: string | null;
    }
  /** Nothing is owed after it: the row is all there is. */
  | {
      readonly kind: 'record';
      readonly settlement: DeliveryDecision;
      readonly subject: Subject;
      readonly callToAct: CallToAct | null;
    }
  /** It moves holdings, and no flow has to hear of it; what becomes of it the ledger decides. */
  | { readonly kind: 'book'; readonly entry: BookEntry }
  | {
      readonly kind: 'signal';
      readonly claim: Claim;
      readonly address: FlowAddress;
      readonly notification: Notification;
      /** What is booked once its flow has heard. */
      readonly entry?: BookEntry;
    };

/** Parks what could not be understood, and what is authentic but too old to act on; null when it is understood. */
export function parked(claim: Claim, decoding: Decoding): DeliveryDecision | null {
  const base = { claim, workflowId: null, status: 'parked' } as const;
  const event = decoding.ok ? decoding.decoded.event : decoding.event;
  // Before what the body holds: whether it is to be believed at all is what has to be looked at first.
  if (claim.verdict !== 'authentic') {
    const problem = { path: 'signature', expected: 'a signature no older than the maximum age', found: claim.verdict };
    return { ...base, event, problem };
  }
  return decoding.ok ? null : { ...base, event, problem: decoding.problem };
}

function arrivalOf({ claim }: DecodedDelivery, standing: DuplicateCheck | undefined): Arrival {
  return {
    deliveryId: claim.id,
    receivedAt: claim.receivedAt.toISOString(),
    contradictsEarlier: standing?.contradictsEarlier === true,
    ...(claim.source === 'sweep' ? { isSwept: true as const } : {}),
  };
}

/** What is only written down; the same event id with another meaning is illegal and writes nothing over. */
function record(decodedDeliveries: DecodedDelivery, content: RecordedContent, arrival: Arrival): Decision {
  const { claim, decoded } = decodedDeliveries;
  const outcome = arrival.contradictsEarlier ? 'illegal' : 'applied';
  const workflowId = workflowIdOf(decoded.subject);
  const settlement = { claim, event: decoded.event, workflowId, status: 'delivered', outcome, runId: null } as const;
  if (arrival.contradictsEarlier) return { kind: 'settle', settlement };
  const subject = recordedSubject(decoded.subject, content, arrival.receivedAt);
  return { kind: 'record', settlement, subject, callToAct: content.callToAct ?? null };
}

/** A movement: its flow hears of it first, so that one that was booked is never forgotten by the flow that judges it. */
function book(
  { claim, decoded }: DecodedDelivery,
  booking: Booking,
  booked: readonly BookedLeg[],
  { arrival, stored, rules }: { arrival: Arrival; stored: StoredSubject | null; rules: DecisionRules },
): Decision {
  const { event, subject, content } = decoded;
  const record = content.lifecycle === 'recorded' ? recordedSubject(subject, content, arrival.receivedAt) : null;
  const entry = { claim, event, subject, booking, record };
  const table = rules.partners.lifecycleTableOf(subject.partner, subject.object);
  const isNews = decideBooking(booking, booked).kind === 'new';
  if (table === undefined || !isNews) return { kind: 'book', entry };
  const address = { key: subject, table, policy: rules.policies.policyOf(table), stored };
  const news = { kind: 'movement', type: booking.type } as const;
  return {
    kind: 'signal',
    claim,
    address,
    entry,
    notification: { lifecycle: 'corporateAction', event, news, ...arrival },
  };
}

/** Rules that deliveries are decided by. */
export interface DecisionRules {
  readonly policies: Policies;
  readonly partners: Partners;
}

/** What is known before an understood delivery is decided on. */
export interface Known {
  readonly standing: DuplicateCheck | undefined;
  /** It has no event id, and says what was illegal before. */
  readonly repeatsIllegal: boolean;
  readonly stored: StoredSubject | null;
  /** What the ledger holds under its id. */
  readonly booked: readonly BookedLeg[];
}

/**
 * Decides what an understood delivery is: a duplicate by key and meaning, late by the store (the authority on what is
 * closed, because Temporal forgets after its retention), or news for its flow.
 */
export function decide(decodedDeliveries: DecodedDelivery, known: Known, rules: DecisionRules): Decision {
  const { standing, repeatsIllegal, stored, booked } = known;
  const { claim, decoded } = decodedDeliveries;
  const workflowId = workflowIdOf(decoded.subject);
  const base = { claim, event: decoded.event, workflowId } as const;
  if (repeatsIllegal || (standing !== undefined && standing.firstDeliveryId !== claim.id)) {
    return { kind: 'settle', settlement: { ...base, status: 'duplicate' } };
  }
  const { content } = decoded;
  const arrival = arrivalOf(decodedDeliveries, standing);
  const booking = bookingOf(content);
  if (booking !== undefined) return book(decodedDeliveries, booking, booked, { arrival, stored, rules });
  if (content.lifecycle === 'corporateAction') throw new Error('a corporate action without a booking');
  if (content.lifecycle === 'recorded') return record(decodedDeliveries, content, arrival);
  const table = rules.partners.lifecycleTableOf(decoded.subject.partner, decoded.subject.object);
  if (table === undefined) {
    const problem = { path: 'event', expected: 'an event whose lifecycle is followed', found: decoded.event };
    return { kind: 'settle', settlement: { ...base, status: 'parked', problem } };
  }
  const address = { key: decoded.subject, table, policy: rules.policies.policyOf(table), stored };
  if (stored?.subject.closedForGood === true) {
    const settlement = { ...base, status: 'delivered', outcome: 'late', runId: null } as const;
    const status = content.lifecycle === 'savingsPlan' ? null : content.status;
    return { kind: 'late', settlement, address, status };
  }
  return { kind: 'signal', claim, address, notification: { ...content, ...arrival } };
}
